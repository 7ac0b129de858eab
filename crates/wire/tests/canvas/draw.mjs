// Draws lists of operations with an HTML canvas: node draw.mjs FOLDER-OF-THE-PACKAGE < CASES > PIXELS
// CASES is {"width": .., "height": .., "images": {name: {"width": .., "height": .., "rgba": [..]}}, "lists": [[..], ..]};
// PIXELS is each picture's straight RGBA, one after the other.
import { createRequire } from 'node:module';
import { readFileSync, writeSync } from 'node:fs';

const { createCanvas, DOMMatrix, Path2D } = createRequire(process.argv[2] + '/')('@napi-rs/canvas');

const { width, height, images, lists } = JSON.parse(readFileSync(0, 'utf8'));
const canvases = new Map();
for (const [name, image] of Object.entries(images)) {
  const canvas = createCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  const data = context.createImageData(image.width, image.height);
  data.data.set(image.rgba);
  context.putImageData(data, 0, 0);
  canvases.set(name, canvas);
}

function style(context, value) {
  if (typeof value === 'string') return value;
  if (value.pattern) {
    const pattern = context.createPattern(canvases.get(value.pattern), value.repetition ?? 'repeat');
    if (value.transform) {
      const [a, b, c, d, e, f] = value.transform;
      pattern.setTransform(new DOMMatrix([a, b, c, d, e, f]));
    }
    return pattern;
  }
  const gradient = value.linearGradient
    ? context.createLinearGradient(...value.linearGradient)
    : value.radialGradient
      ? context.createRadialGradient(...value.radialGradient)
      : context.createConicGradient(...value.conicGradient);
  for (const [offset, color] of value.stops) gradient.addColorStop(offset, color);
  return gradient;
}

// Path data and names of images, where a program has objects.
function argument(name, value, at) {
  if (at > 0 || typeof value !== 'string') return value;
  if (name === 'drawImage') return canvases.get(value);
  return ['fill', 'stroke', 'clip'].includes(name) && /^\s*m/i.test(value) ? new Path2D(value) : value;
}

for (const operations of lists) {
  const context = createCanvas(width, height).getContext('2d');
  for (const [name, ...values] of operations) {
    if (typeof context[name] === 'function') context[name](...values.map((value, at) => argument(name, value, at)));
    else if (name === 'fillStyle' || name === 'strokeStyle') context[name] = style(context, values[0]);
    else context[name] = values[0];
  }
  const pixels = Buffer.from(context.getImageData(0, 0, width, height).data.buffer);
  for (let at = 0; at < pixels.length; ) at += writeSync(1, pixels, at);
}
