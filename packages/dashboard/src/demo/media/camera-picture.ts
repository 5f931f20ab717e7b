/** What the synthetic camera draws: a moving figure, a clock and noise, so that a codec has real work to do. */
export const cameraWidth = 640;
export const cameraHeight = 360;

type Canvas2d = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

/** Draws one frame. `elapsedMs` moves the picture; `noise` is a small canvas that is stretched over it. */
export function drawCameraPicture(
  context: Canvas2d,
  options: {
    readonly name: string;
    readonly hue: number;
    readonly elapsedMs: number;
    readonly noise: CanvasImageSource;
  },
): void {
  const { name, hue, elapsedMs, noise } = options;
  const seconds = elapsedMs / 1000;
  const background = context.createLinearGradient(0, 0, cameraWidth, cameraHeight);
  background.addColorStop(0, `hsl(${hue} 32% 30%)`);
  background.addColorStop(1, `hsl(${hue + 40} 38% 16%)`);
  context.fillStyle = background;
  context.fillRect(0, 0, cameraWidth, cameraHeight);

  const x = cameraWidth / 2 + Math.sin(seconds * 0.9) * 60;
  const y = cameraHeight / 2 + Math.sin(seconds * 1.7) * 10;
  context.fillStyle = `hsl(${hue + 180} 30% 62%)`;
  context.beginPath();
  context.ellipse(x, y + 175, 130, 110, 0, 0, Math.PI * 2);
  context.fill();
  context.fillStyle = "hsl(28 45% 70%)";
  context.beginPath();
  context.ellipse(x, y, 58, 74, Math.sin(seconds * 0.9) * 0.1, 0, Math.PI * 2);
  context.fill();
  context.fillStyle = "#26211f";
  const blink = seconds % 3.1 < 0.15 ? 1 : 7;
  for (const side of [-1, 1]) {
    context.beginPath();
    context.ellipse(x + side * 22, y - 12, 7, blink, 0, 0, Math.PI * 2);
    context.fill();
  }
  context.beginPath();
  context.ellipse(x, y + 34, 20, 3 + 8 * Math.abs(Math.sin(seconds * 8)), 0, 0, Math.PI * 2);
  context.fill();

  context.globalAlpha = 0.16;
  context.drawImage(noise, 0, 0, cameraWidth, cameraHeight);
  context.globalAlpha = 1;

  context.fillStyle = "#ffffff";
  context.font = "600 26px system-ui, sans-serif";
  context.fillText(name, 20, 40);
  context.font = "500 22px ui-monospace, monospace";
  context.fillText(clock(elapsedMs), 20, cameraHeight - 20);
}

function clock(elapsedMs: number): string {
  const minutes = Math.floor(elapsedMs / 60_000);
  const rest = elapsedMs - minutes * 60_000;
  return `${String(minutes).padStart(2, "0")}:${(rest / 1000).toFixed(2).padStart(5, "0")}`;
}

/** Refills a small picture with grey noise. */
export function fillNoise(pixels: Uint8ClampedArray): void {
  for (let index = 0; index < pixels.length; index += 4) {
    const value = Math.random() * 255;
    pixels[index] = value;
    pixels[index + 1] = value;
    pixels[index + 2] = value;
    pixels[index + 3] = 255;
  }
}
