"use strict";
// A scene that turns: parallel projection, two lamps as in the pictures, a scale bar that is true at any zoom.
(function (root) {
  const canvas = root.querySelector("canvas"), bar = root.querySelector(".bar"), said = root.querySelector(".said");
  const scene = JSON.parse(root.querySelector(".scene").textContent);
  const gl = canvas.getContext("webgl2", { antialias: true, preserveDrawingBuffer: true });
  if (!gl) { said.textContent = "This browser has no WebGL 2: the scene cannot turn here."; return; }

  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
  const vertex = `#version 300 es
    in vec3 place; in vec3 normal; uniform mat3 turn; uniform vec4 fit; uniform vec2 pan; uniform vec3 size;
    out vec3 n; void main() {
      vec3 p = turn * ((place - 0.5) * size) ; n = turn * normal;
      gl_Position = vec4(p.x * fit.x + pan.x, p.y * fit.y + pan.y, -p.z * fit.z, 1.0); }`;
  const fragment = `#version 300 es
    precision highp float; in vec3 n; uniform vec3 colour; uniform float shine; out vec4 c; void main() {
      vec3 m = normalize(n); if (!gl_FrontFacing && shine > 0.0) m = -m;
      vec3 key = normalize(vec3(-0.9, 1.0, 1.1)), fill = normalize(vec3(1.6, 0.35, 0.7));
      vec3 light = 0.30 + 0.62 * max(dot(m, key), 0.0) * vec3(1.0, 0.97, 0.93) + 0.36 * max(dot(m, fill), 0.0) * vec3(0.9, 0.94, 1.0);
      float gloss = pow(max(dot(m, normalize(key + vec3(0.0, 0.0, 1.0))), 0.0), 25.0) * 0.2 * shine;
      c = vec4(colour * mix(0.45 + 0.55 * light, light, shine) + gloss, 1.0); }`;
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text); gl.compileShader(shader); gl.attachShader(program, shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) { said.textContent = gl.getShaderInfoLog(shader); return; }
  }
  gl.bindAttribLocation(program, 0, "place"); gl.bindAttribLocation(program, 1, "normal");
  gl.linkProgram(program); gl.useProgram(program); gl.enable(gl.DEPTH_TEST);
  const at = (name) => gl.getUniformLocation(program, name);

  const parts = scene.parts.map((part) => {
    const array = gl.createVertexArray(); gl.bindVertexArray(array);
    const buffer = (kind, data) => { gl.bindBuffer(kind, gl.createBuffer()); gl.bufferData(kind, data, gl.STATIC_DRAW); };
    buffer(gl.ARRAY_BUFFER, new Uint16Array(bytes(part.places)));
    gl.enableVertexAttribArray(0); gl.vertexAttribPointer(0, 3, gl.UNSIGNED_SHORT, true, 8, 0);
    buffer(gl.ARRAY_BUFFER, new Int8Array(bytes(part.normals)));
    gl.enableVertexAttribArray(1); gl.vertexAttribPointer(1, 3, gl.BYTE, true, 4, 0);
    buffer(gl.ELEMENT_ARRAY_BUFFER, new Uint32Array(bytes(part.triangles)));
    return { array, count: part.count, colour: part.colour, shine: part.smooth ? 1 : 0, name: part.name, shown: true };
  });

  const start = { azimuth: scene.azimuth, elevation: scene.elevation, zoom: 1, x: 0, y: 0 };
  let view = { ...start };
  const size = scene.size, radius = Math.hypot(...size) / 2;
  function draw() {
    const ratio = window.devicePixelRatio || 1, wide = canvas.clientWidth, tall = canvas.clientHeight;
    canvas.width = Math.round(wide * ratio); canvas.height = Math.round(tall * ratio);
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(1, 1, 1, 1); gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    const a = view.azimuth, e = view.elevation, ca = Math.cos(a), sa = Math.sin(a), ce = Math.cos(e), se = Math.sin(e);
    // rows: right, up, towards the viewer; WebGL wants columns
    const right = [-sa, ca, 0], up = [-ca * se, -sa * se, ce], towards = [ca * ce, sa * ce, se];
    gl.uniformMatrix3fv(at("turn"), false, [0, 1, 2].flatMap((k) => [right[k], up[k], towards[k]]));
    const perUm = view.zoom * Math.min(wide, tall) / (2 * radius);  // pixels of the page in a micrometre
    gl.uniform4f(at("fit"), 2 * perUm / wide, 2 * perUm / tall, 0.5 / radius, 0);
    gl.uniform2f(at("pan"), view.x, view.y); gl.uniform3fv(at("size"), size);
    for (const part of parts) {
      if (!part.shown) continue;
      gl.bindVertexArray(part.array); gl.uniform3fv(at("colour"), part.colour); gl.uniform1f(at("shine"), part.shine);
      gl.drawElements(gl.TRIANGLES, part.count, gl.UNSIGNED_INT, 0);
    }
    const most = 120 / perUm, power = Math.pow(10, Math.floor(Math.log10(most)));
    const length = [5, 2, 1].find((k) => k * power <= most * 1.000001) * power;
    bar.style.width = `${length * perUm}px`; bar.textContent = `${+length.toPrecision(1)} µm`;
  }
  const held = new Map();
  canvas.addEventListener("pointerdown", (event) => { held.set(event.pointerId, event); canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointerup", (event) => held.delete(event.pointerId));
  canvas.addEventListener("pointercancel", (event) => held.delete(event.pointerId));
  canvas.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const x = event.clientX - before.clientX, y = event.clientY - before.clientY;
    held.set(event.pointerId, event);
    if (event.shiftKey || held.size > 1) { view.x += 2 * x / canvas.clientWidth; view.y -= 2 * y / canvas.clientHeight; }
    else { view.azimuth -= 0.01 * x; view.elevation = Math.max(-1.55, Math.min(1.55, view.elevation + 0.01 * y)); }
    draw();
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault(); view.zoom = Math.max(0.2, Math.min(50, view.zoom * Math.exp(-0.001 * event.deltaY))); draw();
  }, { passive: false });
  canvas.addEventListener("dblclick", () => { view = { ...start }; draw(); });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
    if (!step) return;
    event.preventDefault();
    view.azimuth += step[0]; view.elevation = Math.max(-1.55, Math.min(1.55, view.elevation + step[1])); draw();
  });
  for (const name of new Set(parts.map((part) => part.name))) {
    const label = document.createElement("label"), box = document.createElement("input"), patch = document.createElement("i");
    box.type = "checkbox"; box.checked = true;
    patch.style.background = `rgb(${parts.find((part) => part.name === name).colour.map((v) => Math.round(255 * v))})`;
    box.addEventListener("change", () => {
      for (const part of parts) if (part.name === name) part.shown = box.checked;
      draw();
    });
    label.append(box, patch, name); root.querySelector(".parts").append(label);
  }
  window.addEventListener("resize", draw);
  draw();
  root.dataset.drawn = "yes";
})(document.currentScript.closest(".viewer"));
