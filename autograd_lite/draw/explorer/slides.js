// The walk for a lecture hall: the drawing alone, in large letters, with the step in one line below it. A presenter's
// remote, which is a keyboard with Page Up and Page Down, goes step by step.

const LETTER_SHARE_OF_SLIDE = 1 / 24;

class Slides {
  constructor(walk) {
    this.walk = walk;
    this.leaveButton = element(
      "button",
      {type: "button", class: "leave", "aria-label": "End the slides", click: () => this.end()},
      "✕",
    );
    document.addEventListener("keydown", (event) => this.onKey(event), true);
    document.addEventListener("fullscreenchange", () => document.fullscreenElement ?? this.end());
  }

  get frame() {
    return this.walk.drawing.element.closest(".explorer");
  }

  get isOn() {
    return this.frame.classList.contains("slides");
  }

  begin() {
    this.wasBrief = this.walk.telling.isBrief;
    this.walk.telling.setBrief(true);
    this.frame.append(this.leaveButton);
    this.show(true, LETTER_SHARE_OF_SLIDE);
    // A page in a frame may not fill the screen; it fills its frame.
    if (navigator.userActivation?.isActive) document.documentElement.requestFullscreen?.().catch(() => {});
  }

  end() {
    if (!this.isOn) return;
    this.leaveButton.remove();
    this.walk.telling.setBrief(this.wasBrief);
    this.show(false, LETTER_SHARE);
    if (document.fullscreenElement) document.exitFullscreen();
  }

  show(isOn, letterShare) {
    const {viewport} = this.walk.drawing;
    this.frame.classList.toggle("slides", isOn);
    viewport.letterShare = letterShare;
    viewport.measure();
    viewport.scale = viewport.readable;
    this.walk.reveal();
  }

  onKey(event) {
    const act = {
      PageDown: () => this.walk.player.goByHand(this.walk.player.position + 1),
      PageUp: () => this.walk.player.goByHand(this.walk.player.position - 1),
      Escape: () => this.end(),
    }[event.key];
    if (!act || !this.isOn) return;
    event.preventDefault();
    act();
  }
}
