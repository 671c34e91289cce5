// Pictures of the ground, one pixel a cell, north up: terrain, and creep and fog to lay over it.

export function cellCanvas(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

function isDark() {
  return document.documentElement.dataset.theme !== "light";
}

// Ground is lighter the higher it is, ramps are sand, what cannot be walked on is dark.
export function drawTerrain(height, pathing, placement) {
  const { width, height: rows, values } = height;
  const canvas = cellCanvas(width, rows);
  const image = new ImageData(width, rows);
  const dark = isDark();
  let lowest = 255;
  let highest = 0;
  for (let cell = 0; cell < values.length; cell++) {
    if (!pathing.bit(cell)) continue;
    lowest = Math.min(lowest, values[cell]);
    highest = Math.max(highest, values[cell]);
  }
  const range = Math.max(highest - lowest, 1);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      const cell = y * width + x;
      const level = Math.min(1, Math.max(0, (values[cell] - lowest) / range));
      const [base, rise] = pathing.bit(cell)
        ? dark ? [[58, 66, 62], [52, 54, 46]] : [[176, 184, 172], [56, 54, 58]]
        : dark ? [[24, 27, 32], [12, 13, 14]] : [[120, 124, 132], [24, 24, 24]];
      let colour = base.map((part, index) => part + rise[index] * level);
      if (pathing.bit(cell) && !placement.bit(cell)) colour = dark ? [104, 98, 78] : [214, 204, 174];
      image.data.set([...colour, 255], ((rows - 1 - y) * width + x) * 4);
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// Creep and fog; `visible` and `explored` are falsy where there is no fog. Creep stays a little visible under it.
export function drawShade(canvas, creep, visible, explored) {
  const { width, height } = canvas;
  const image = new ImageData(width, height);
  const data = new Uint32Array(image.data.buffer);
  const dark = isDark();
  const colour = (r, g, b, a) => (a << 24) | (b << 16) | (g << 8) | r;
  const onCreep = colour(122, 62, 140, dark ? 118 : 96);
  const hidden = dark ? colour(6, 8, 12, 175) : colour(60, 64, 72, 150);
  const fogged = dark ? colour(6, 8, 12, 105) : colour(60, 64, 72, 80);
  const foggedCreep = colour(70, 36, 84, 140);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = y * width + x;
      const at = (height - 1 - y) * width + x;
      if (visible && !visible.bit(cell)) {
        if (creep?.bit(cell)) data[at] = foggedCreep;
        else data[at] = explored && !explored.bit(cell) ? hidden : fogged;
      } else if (creep?.bit(cell)) data[at] = onCreep;
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}
