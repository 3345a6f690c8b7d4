// What a mouse is told by resting on a button, a finger is told by holding it: the button's name.

document.addEventListener("pointerdown", ({pointerType, target}) => {
  if (pointerType === "touch") target.closest?.("button[aria-label]")?.classList.add("held");
});

for (const end of ["pointerup", "pointercancel"])
  document.addEventListener(end, () => document.querySelector(".held")?.classList.remove("held"));
