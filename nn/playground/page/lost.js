// What is said where the page's own scripts, or its editor, do not come: no other script can say it.
document.addEventListener(
  "error",
  ({target}) => {
    if (target.tagName !== "SCRIPT") return;
    const status = document.getElementById("status");
    status.textContent =
      "A part of this page did not come. Is there a network? Reload the page to try again.";
  },
  true,
);
