/** Zooming, moving, turning and drawing on the map with wheel, mouse, touch and keys. Both axes always keep one scale. */
import { boxCorners } from "../chart/lasso.js";
import { panBy, zoomAt, type Size, type Viewport } from "../chart/viewport.js";

export type Pixel = readonly [number, number];
export const dragModes = ["move", "lasso", "box"] as const;
/** What dragging does. */
export type DragMode = (typeof dragModes)[number];

export interface MapControl {
  viewport: () => Viewport;
  /** Size of the plot in pixels, and its corner in the element. */
  plot: () => Size & { left: number; top: number };
  change: (viewport: Viewport) => void;
  reset: () => void;
  mode: () => DragMode;
  /** A line that is being drawn around models, in pixels of the plot; null: none any more. */
  outline: (corners: readonly Pixel[] | null) => void;
  /** The models inside are selected. @param add to those that are */
  choose: (corners: readonly Pixel[], add: boolean) => void;
  /** A click at a place. @param add the key for more than one was held */
  click: (place: Pixel, add: boolean) => void;
  /** The pointer is here, with no button held; null: it left. */
  point: (place: Pixel | null, touch: boolean) => void;
  /** Turns a map of three dimensions, pixels to the right and up. */
  turn: (dx: number, dy: number) => void;
}

const keyStep = 60;
export const zoomStep = 1.4;
/** A press that moved less is a click, pixels. */
const clickSlack = 4;

interface Drag {
  kind: DragMode | "turn";
  start: Pixel;
  corners: Pixel[];
  moved: boolean;
}

const addsTo = (event: MouseEvent): boolean => event.ctrlKey || event.metaKey;

/** One finger scrolls the page unless it draws; two move and zoom the map. Shift draws a lasso, Alt turns. */
export function addMapGestures(surface: HTMLElement, control: MapControl): void {
  const pointers = new Map<number, PointerEvent>();
  let drag: Drag | null = null;
  const place = (clientX: number, clientY: number): [number, number] => {
    const box = surface.getBoundingClientRect();
    const { left, top } = control.plot();
    return [clientX - box.left - left, clientY - box.top - top];
  };
  const placeOf = (event: MouseEvent): [number, number] => place(event.clientX, event.clientY);

  surface.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const factor = Math.exp(-event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 0.05 : 0.0015));
      control.change(zoomAt(control.viewport(), control.plot(), placeOf(event), factor));
    },
    { passive: false },
  );
  surface.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    pointers.set(event.pointerId, event);
    if (event.pointerType === "mouse" || control.mode() !== "move") surface.setPointerCapture(event.pointerId);
    const start = placeOf(event);
    const kind = event.altKey ? "turn" : event.shiftKey && control.mode() === "move" ? "lasso" : control.mode();
    drag = pointers.size === 1 ? { kind, start, corners: [start], moved: false } : null;
    if (drag === null) control.outline(null);
  });
  surface.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (before === undefined) {
      control.point(placeOf(event), event.pointerType === "touch");
      return;
    }
    pointers.set(event.pointerId, event);
    const other = Array.from(pointers.values()).find(({ pointerId }) => pointerId !== event.pointerId);
    if (other !== undefined) control.change(pinch(control, before, event, other, place));
    else if (drag !== null) follow(drag, before, event);
  });
  const follow = (current: Drag, before: PointerEvent, event: PointerEvent): void => {
    const here = placeOf(event);
    current.moved ||= Math.hypot(here[0] - current.start[0], here[1] - current.start[1]) >= clickSlack;
    if (!current.moved) return;
    const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
    if (current.kind === "turn") control.turn(dx, dy);
    else if (current.kind === "move") {
      if (event.pointerType === "mouse") control.change(panBy(control.viewport(), dx, dy));
    } else {
      if (current.kind === "box") current.corners = boxCorners(current.start, here).map((corner) => corner);
      else current.corners.push(here);
      control.outline(current.corners);
    }
  };
  surface.addEventListener("pointerup", (event) => {
    pointers.delete(event.pointerId);
    if (drag === null) return;
    const { kind, corners, moved, start } = drag;
    drag = null;
    control.outline(null);
    if (!moved) control.click(start, addsTo(event) || event.shiftKey);
    else if (kind === "lasso" || kind === "box") control.choose(corners, addsTo(event));
  });
  surface.addEventListener("pointercancel", (event) => {
    pointers.delete(event.pointerId);
    drag = null;
    control.outline(null);
  });
  surface.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") control.point(null, false);
  });
  surface.addEventListener("dblclick", (event) => {
    control.change(zoomAt(control.viewport(), control.plot(), placeOf(event), zoomStep ** 2));
  });
  surface.addEventListener("keydown", (event) => {
    const { width, height } = control.plot();
    const middle = [width / 2, height / 2] as const;
    const keys: Record<string, () => void> = {
      ArrowLeft: () => control.change(panBy(control.viewport(), keyStep, 0)),
      ArrowRight: () => control.change(panBy(control.viewport(), -keyStep, 0)),
      ArrowUp: () => control.change(panBy(control.viewport(), 0, keyStep)),
      ArrowDown: () => control.change(panBy(control.viewport(), 0, -keyStep)),
      "+": () => control.change(zoomAt(control.viewport(), control.plot(), middle, zoomStep)),
      "-": () => control.change(zoomAt(control.viewport(), control.plot(), middle, 1 / zoomStep)),
      "0": control.reset,
    };
    const act = keys[event.key === "=" ? "+" : event.key];
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
}

/** One of two fingers has moved: the middle of both moves the map, their distance zooms it. */
function pinch(
  control: MapControl,
  before: PointerEvent,
  now: PointerEvent,
  other: PointerEvent,
  place: (x: number, y: number) => [number, number],
): Viewport {
  const distance = (event: PointerEvent): number =>
    Math.max(1, Math.hypot(event.clientX - other.clientX, event.clientY - other.clientY));
  const middle = place((now.clientX + other.clientX) / 2, (now.clientY + other.clientY) / 2);
  const moved = panBy(control.viewport(), (now.clientX - before.clientX) / 2, (now.clientY - before.clientY) / 2);
  return zoomAt(moved, control.plot(), middle, distance(now) / distance(before));
}
