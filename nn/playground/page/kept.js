// What the reader has typed outlives a reload: each tab keeps its own, and a new one begins with the last.
const NAME = "autograd-lite: program";

/** Keep a program; return whether the browser does so. */
export function keep(program) {
  try {
    for (const store of [sessionStorage, localStorage]) store.setItem(NAME, program);
    return true;
  } catch {
    return false;
  }
}

/** Return the program that was kept, or null. */
export function kept() {
  try {
    return sessionStorage.getItem(NAME) ?? localStorage.getItem(NAME);
  } catch {
    return null;
  }
}
