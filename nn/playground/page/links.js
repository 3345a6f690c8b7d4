// Links that hold a program: compressed, behind the #, which browsers send nowhere.

const through = async (bytes, stream) =>
  new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());

/** Return what stands behind the # for a program. */
export async function fragmentOf(program) {
  const bytes = await through(new TextEncoder().encode(program), new CompressionStream("deflate-raw"));
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return "#code=" + btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Return the program of a fragment, or undefined where there is none, or it was cut off. */
export async function programOf(fragment) {
  const [, text] = /^#code=([\w-]+)$/.exec(fragment) ?? [];
  if (text === undefined) return undefined;
  try {
    const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    return new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw")));
  } catch {
    return undefined;
  }
}
