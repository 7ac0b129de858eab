// Draws lists of operations with an HTML canvas: node draw.mjs FOLDER-OF-THE-PACKAGE < CASES > PIXELS
// CASES is [{"width": .., "height": .., "operations": [..]}, ..]; PIXELS is each picture's straight RGBA, one after the other.
import { createRequire } from 'node:module';
import { readFileSync, writeSync } from 'node:fs';

const { createCanvas } = createRequire(process.argv[2] + '/')('@napi-rs/canvas');

function style(context, value) {
  if (typeof value === 'string') return value;
  const gradient = value.linearGradient
    ? context.createLinearGradient(...value.linearGradient)
    : value.radialGradient
      ? context.createRadialGradient(...value.radialGradient)
      : context.createConicGradient(...value.conicGradient);
  for (const [offset, color] of value.stops) gradient.addColorStop(offset, color);
  return gradient;
}

for (const { width, height, operations } of JSON.parse(readFileSync(0, 'utf8'))) {
  const context = createCanvas(width, height).getContext('2d');
  for (const [name, ...values] of operations) {
    if (typeof context[name] === 'function') context[name](...values);
    else if (name === 'fillStyle' || name === 'strokeStyle') context[name] = style(context, values[0]);
    else context[name] = values[0];
  }
  const pixels = Buffer.from(context.getImageData(0, 0, width, height).data.buffer);
  for (let at = 0; at < pixels.length; ) at += writeSync(1, pixels, at);
}
