/** Zooming and moving the map with wheel, mouse, touch and keys. Both axes always keep one scale. */
import { panBy, zoomAt, type Size, type Viewport } from "../chart/viewport.js";

export interface MapControl {
  viewport: () => Viewport;
  /** Size of the plot in pixels, and its corner in the element. */
  plot: () => Size & { left: number; top: number };
  change: (viewport: Viewport) => void;
  reset: () => void;
}

const keyStep = 60;
export const zoomStep = 1.4;

/** One finger scrolls the page; two move and zoom the map. */
export function addMapGestures(surface: HTMLElement, control: MapControl): void {
  const pointers = new Map<number, PointerEvent>();
  const place = (clientX: number, clientY: number): [number, number] => {
    const box = surface.getBoundingClientRect();
    const { left, top } = control.plot();
    return [clientX - box.left - left, clientY - box.top - top];
  };

  surface.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const factor = Math.exp(-event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 0.05 : 0.0015));
      control.change(zoomAt(control.viewport(), control.plot(), place(event.clientX, event.clientY), factor));
    },
    { passive: false },
  );
  surface.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, event);
    if (event.pointerType === "mouse") surface.setPointerCapture(event.pointerId);
  });
  surface.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (before === undefined) return;
    pointers.set(event.pointerId, event);
    const other = Array.from(pointers.values()).find(({ pointerId }) => pointerId !== event.pointerId);
    if (other !== undefined) control.change(pinch(control, before, event, other, place));
    else if (event.pointerType === "mouse") {
      control.change(panBy(control.viewport(), event.clientX - before.clientX, event.clientY - before.clientY));
    }
  });
  for (const end of ["pointerup", "pointercancel"] as const) {
    surface.addEventListener(end, (event) => pointers.delete(event.pointerId));
  }
  surface.addEventListener("dblclick", (event) => {
    control.change(zoomAt(control.viewport(), control.plot(), place(event.clientX, event.clientY), zoomStep ** 2));
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
