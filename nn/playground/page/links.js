// Links that hold a program: compressed, behind the #, which browsers send nowhere.

const through = async (bytes, stream) =>
  new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());

// Programs are short; what is longer could be made to unpack to more than a browser bears.
const MOST_LETTERS = 20_000;

export const isLink = (fragment) => fragment.startsWith("#code=");

/** Return what stands behind the # for a program, or nothing where it is too long for a link. */
export async function fragmentOf(program) {
  const bytes = await through(new TextEncoder().encode(program), new CompressionStream("deflate-raw"));
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const text = btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return text.length > MOST_LETTERS ? "" : `#code=${text}`;
}

/** Return the program of a fragment, or undefined where there is none, or it is damaged or too long. */
export async function programOf(fragment) {
  const [, text] = /^#code=([\w-]+)$/.exec(fragment) ?? [];
  if (text === undefined || text.length > MOST_LETTERS) return undefined;
  try {
    const letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    return new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw")));
  } catch {
    return undefined;
  }
}
