"use strict";

// The page of the studio: plays the programme, and is honest about being behind or cut off.
// `window.preview` tells scripts and tests what is shown: { state, delay_ms, edge_ms, frames, show_time_ms }.

const $ = (id) => document.getElementById(id);
const video = $("video");
const Source = window.ManagedMediaSource ?? window.MediaSource;

const EDGE_MIN_S = 0.10;      // how much of the programme waits in the buffer, at least
const EDGE_MAX_S = 0.50;      // and at most, after it ran dry
const JUMP_S = 1.5;           // further behind than this: jump instead of hurrying
const KEEP_S = 8;             // what was seen stays in memory for so long
const BEHIND_MS = 1500;       // a picture older than this is said to be behind
const SILENT_MS = 2000;       // no picture for so long is a fault
const SETTLE_MS = 1000;       // after a jump the player may wait without that telling anything
const REBUILD_MS = 5000;      // pictures arrive and none is shown for so long: start anew
const WAIT_FIRST_MS = 500, WAIT_MAX_MS = 10000;
const QUEUE_MAX_BYTES = 48 << 20;

const preview = (window.preview = { state: "connecting", delay_ms: null, edge_ms: null, frames: 0, show_time_ms: null });

// --- The studio's clock -----------------------------------------------------------------------------------------------
// Show time minus our own clock. An answer tells the newest frame's time, which is at most a frame old, and was written
// at some time during the request: the largest of a few samples is the nearest.

const clock = {
  samples: [],
  note(showTime, sentAt, gotAt) {
    const sample = showTime - (sentAt + gotAt) / 2;
    // A studio that was started anew counts from zero.
    if (this.samples.length && Math.abs(sample - this.offset()) > 2000) this.samples = [];
    this.samples.push(sample);
    if (this.samples.length > 15) this.samples.shift();
  },
  offset() { return Math.max(...this.samples); },
  now() { return this.samples.length ? performance.now() + this.offset() : null; },
};

// --- The player -------------------------------------------------------------------------------------------------------

let player = null;
let wait = WAIT_FIRST_MS;
let retryAt = 0;
let goodbye = "";

class Player {
  constructor() {
    this.queue = [];
    this.queued = 0;
    this.media = null;
    this.buffer = null;
    this.hello = null;
    this.started = false;
    this.edge = EDGE_MIN_S * 1.5;
    this.lastMessage = this.lastPicture = this.lastDry = this.soughtAt = performance.now();
    this.soughtEnd = 0;
    this.pictureTime = null;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(`${scheme}//${location.host}/preview`);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = (event) => this.receive(event.data);
    this.socket.onclose = (event) => {
      if (player !== this) return;
      // 4009: the picture has changed, and the next connection has it.
      if (event.code === 4009) connect();
      else lost(event.reason);
    };
  }

  receive(data) {
    this.lastMessage = performance.now();
    if (typeof data === "string") {
      const message = JSON.parse(data);
      if (message.type === "hello") {
        this.hello = message;
        this.attach();
      }
      return;
    }
    this.queue.push(data);
    this.queued += data.byteLength;
    if (this.queued > QUEUE_MAX_BYTES) return lost("This browser does not take the pictures as fast as they come.");
    this.append();
  }

  // Only now, so that the last picture stays while connections fail.
  attach() {
    if (!Source.isTypeSupported(this.hello.codec)) return unsupported(`This browser cannot play ${this.hello.codec}.`);
    goodbye = "";
    $("stage").style.aspectRatio = `${this.hello.width_px} / ${this.hello.height_px}`;
    this.media = new Source();
    const url = URL.createObjectURL(this.media);
    this.media.addEventListener("sourceopen", () => {
      URL.revokeObjectURL(url);
      if (player !== this) return;
      this.buffer = this.media.addSourceBuffer(this.hello.codec);
      this.buffer.addEventListener("updateend", () => this.appended());
      this.append();
    }, { once: true });
    video.disableRemotePlayback = true;
    video.src = url;
    video.requestVideoFrameCallback?.((now, frame) => this.shown(frame));
  }

  append() {
    if (!this.buffer || this.buffer.updating || !this.queue.length || this.media.readyState !== "open") return;
    const bytes = new Uint8Array(this.queued);
    let at = 0;
    for (const part of this.queue) {
      bytes.set(new Uint8Array(part), at);
      at += part.byteLength;
    }
    this.queue = [];
    this.queued = 0;
    try {
      this.buffer.appendBuffer(bytes);
    } catch (error) {
      lost(`The browser refused the pictures: ${error.message}`);
    }
  }

  appended() {
    // Another append may have begun since; its end comes here too.
    if (player !== this || this.buffer.updating) return;
    const { buffered } = this.buffer;
    // What was seen is let go, or the browser's memory fills up within minutes.
    if (buffered.length && this.started && video.currentTime - buffered.start(0) > 2 * KEEP_S) {
      return this.buffer.remove(0, video.currentTime - KEEP_S);
    }
    if (this.queue.length) return this.append();
    if (!buffered.length) return;
    if (!this.started) {
      this.started = true;
      this.toLive();
      video.play().catch(() => {});
    } else if (this.end() < video.currentTime - 0.05 && this.end() > this.soughtEnd + 0.25) {
      // The sound's clock ran on while nothing came: pictures would be late for ever.
      this.ranDry();
      this.toLive();
    }
  }

  end() {
    const { buffered } = video;
    return buffered.length ? buffered.end(buffered.length - 1) : null;
  }

  toLive() {
    const end = this.end();
    if (end === null) return;
    const start = video.buffered.start(video.buffered.length - 1);
    video.currentTime = Math.max(start, end - this.edge);
    video.playbackRate = 1;
    this.soughtAt = performance.now();
    this.soughtEnd = end;
  }

  // Every picture that comes on screen.
  shown(frame) {
    if (player !== this) return;
    this.lastPicture = performance.now();
    this.pictureTime = frame.mediaTime;
    preview.frames += 1;
    video.requestVideoFrameCallback((now, frame) => this.shown(frame));
  }

  ranDry() {
    const now = performance.now();
    if (now - this.soughtAt < SETTLE_MS) return;
    this.edge = Math.min(EDGE_MAX_S, this.edge + 0.04);
    this.lastDry = now;
  }

  // A few times a second: stay near the edge, by speed where a little is missing and by a jump where it is more.
  steer() {
    const end = this.end();
    if (!this.started || end === null) return;
    if (video.paused && !document.hidden) video.play().catch(() => {});
    const start = video.buffered.start(video.buffered.length - 1);
    const edge = end - video.currentTime;
    preview.edge_ms = Math.round(edge * 1000);
    if (edge > JUMP_S || video.currentTime < start - 0.05) return this.toLive();
    if (performance.now() - this.lastDry > 10000) {
      this.edge = Math.max(EDGE_MIN_S, this.edge - 0.02);
      this.lastDry = performance.now();
    }
    if (edge > this.edge + 0.5) video.playbackRate = 1.25;
    else if (edge > this.edge + 0.2) video.playbackRate = 1.1;
    else if (edge > this.edge + 0.08) video.playbackRate = 1.05;
    else if (edge < this.edge / 3) video.playbackRate = 0.96;
    else if (video.playbackRate > 1 ? edge <= this.edge : edge >= this.edge * 0.8) video.playbackRate = 1;
  }

  // From the moment the shown frame was due in the studio until now; null while that cannot be told.
  delay() {
    const studio = clock.now();
    if (!this.started || studio === null) return null;
    const seen = this.pictureTime ?? video.currentTime;
    return studio - (seen * 1000 - this.hello.offset_ms);
  }

  state() {
    const now = performance.now();
    if (!this.started) return this.socket.readyState === WebSocket.OPEN ? "waiting" : "connecting";
    if (now - this.lastMessage > SILENT_MS) return "silent";
    const watching = !document.hidden && video.requestVideoFrameCallback;
    if (watching && now - this.lastPicture > SILENT_MS) return "frozen";
    const delay = this.delay();
    return delay !== null && delay > BEHIND_MS ? "behind" : "playing";
  }

  close() {
    this.socket.onclose = this.socket.onmessage = null;
    this.socket.close();
  }
}

function connect() {
  if (!Source) return unsupported("This browser has no Media Source Extensions, which the preview is played with.");
  player?.close();
  retryAt = 0;
  player = new Player();
}

// The last picture stays, dimmed, until the next connection has one.
function lost(reason) {
  player?.close();
  player = null;
  goodbye = reason ? `${reason[0].toUpperCase()}${reason.slice(1)}`.replace(/[^.]$/, "$&.") : goodbye;
  retryAt = performance.now() + wait * (0.8 + 0.4 * Math.random());
  wait = Math.min(WAIT_MAX_MS, wait * 1.7);
}

let cannot = "";
function unsupported(reason) {
  player?.close();
  player = null;
  cannot = reason;
}

video.addEventListener("waiting", () => player?.ranDry());
video.addEventListener("error", () => { if (player && video.error) lost(`The player failed: ${video.error.message}`); });
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !player) return;
  player.lastPicture = performance.now();
  player.toLive();
});

// --- What is said about it --------------------------------------------------------------------------------------------

const set = (id, text) => { const e = $(id); if (e.textContent !== text) e.textContent = text; };
const tone = (id, value) => { if ($(id).dataset.tone !== value) $(id).dataset.tone = value; };
const two = (n) => String(Math.floor(n)).padStart(2, "0");
const hms = (ms) => { const s = Math.max(0, ms) / 1000; return `${two(s / 3600)}:${two((s / 60) % 60)}:${two(s % 60)}`; };
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

let shownDelay = null;

function tellPreview() {
  const now = performance.now();
  let state = "disconnected";
  if (cannot) state = "unsupported";
  else if (player) {
    player.steer();
    state = player.state();
    if (state === "playing") wait = WAIT_FIRST_MS;
    if (state === "frozen" && now - player.lastPicture > REBUILD_MS) return connect();
  } else if (retryAt && now >= retryAt) {
    connect();
    state = "connecting";
  }
  const delay = player?.delay() ?? null;
  preview.state = state;
  preview.delay_ms = delay === null ? null : Math.round(delay);
  preview.show_time_ms = clock.now();
  // Smoothed for people; scripts read the raw value.
  shownDelay = delay === null ? null : shownDelay === null || Math.abs(delay - shownDelay) > 500 ? delay : shownDelay + (delay - shownDelay) * 0.15;

  const stage = $("stage");
  if (stage.dataset.state !== state) stage.dataset.state = state;
  const overlay = {
    connecting: ["Connecting to the studio", ""],
    waiting: ["Waiting for the first picture", "The preview begins at the next key frame."],
    silent: ["No pictures from the studio", "The connection is open, and nothing has come through it for a while."],
    frozen: ["The picture stands still", "Pictures arrive, and this browser does not show them."],
    unsupported: ["The preview cannot be played here", `${cannot} Stills work everywhere: see the link below.`],
    disconnected: ["Disconnected from the studio", goodbye],
  }[state];
  $("overlay").hidden = !overlay;
  if (overlay) {
    set("overlay-title", overlay[0]);
    const left = Math.ceil((retryAt - now) / 1000);
    const next = state === "disconnected" && left > 0 ? ` Trying again in ${left} s.` : "";
    set("overlay-text", (overlay[1] + next).trim());
  }
  $("overlay-button").hidden = !["disconnected", "silent", "frozen"].includes(state);

  const behind = state === "behind";
  $("badge").hidden = !behind;
  $("to-live").hidden = !behind;
  if (behind) set("badge", `${seconds(shownDelay)} behind live`);
  set("delay", shownDelay === null || state === "disconnected" ? "--" : `${Math.round(shownDelay / 10) * 10} ms`);
  tone("delay", behind ? "warn" : "");
  set("show-time", clock.now() === null ? "--:--:--" : hms(clock.now()));
}

// --- The studio's state -----------------------------------------------------------------------------------------------

const recent = [];        // answers of the last seconds, for the frame rate
let troubleUntil = 0;
let misses = 0;

async function ask() {
  try {
    const sentAt = performance.now();
    const options = { signal: AbortSignal.timeout(4000), cache: "no-store" };
    const answers = await Promise.all([fetch("/api/v1/stream", options), fetch("/api/v1/outputs", options)]);
    const gotAt = performance.now();
    if (answers.some((answer) => !answer.ok)) throw new Error("refused");
    const [stream, outputs] = await Promise.all(answers.map((answer) => answer.json()));
    // A request that took long says little about the time.
    if (gotAt - sentAt < 250 || !clock.samples.length) clock.note(stream.show_time_ms, sentAt, gotAt);
    misses = 0;
    document.body.classList.remove("stale");
    tellStream(stream, outputs.items);
    tellOutputs(outputs.items);
  } catch {
    // One lost request is no lost studio.
    misses += 1;
    if (misses > 1) {
      set("air", "No connection");
      tone("air", "bad");
      document.title = "No connection · Stream Manager";
      // What stands below is as it was last heard.
      document.body.classList.add("stale");
      clock.samples = [];
      recent.length = 0;
      for (const id of ["fps", "uptime"]) set(id, "--");
    }
  }
  setTimeout(ask, document.hidden ? 5000 : 1000);
}

function tellStream(stream, outputs) {
  const before = recent.at(-1);
  if (before && stream.uptime_ms < before.uptime_ms) recent.length = 0;
  recent.push(stream);
  if (recent.length > 6) recent.shift();
  const grew = (field) => before && stream[field] > before[field];
  if (grew("lagged_ticks") || grew("repeated_frames") || grew("dropped_packets")) troubleUntil = performance.now() + 10000;
  const trouble = performance.now() < troubleUntil || outputs.some((o) => ["retrying", "refused"].includes(o.state));

  const words = {
    live: trouble ? ["Live, degraded", "warn"] : ["Live", "live"],
    reconnecting: ["Reconnecting", "warn"],
    paused: ["Paused", "warn"],
    offline: ["Off air", "idle"],
  }[stream.state] ?? [stream.state, "idle"];
  set("air", words[0]);
  tone("air", words[1]);
  document.title = `${words[0]} · Stream Manager`;

  const first = recent[0];
  const span = stream.uptime_ms - first.uptime_ms;
  const made = stream.frame - stream.lagged_ticks - first.frame + first.lagged_ticks;
  set("fps", span > 500 ? `${((made * 1000) / span).toFixed(1)} of ${stream.fps}` : `${stream.fps}`);
  set("picture", stream.resolution.replace("x", "×"));
  set("bitrate", `${(stream.bitrate_bps / 1e6).toFixed(1)} Mb/s`);
  for (const [id, field] of [["lagged", "lagged_ticks"], ["repeated", "repeated_frames"], ["dropped", "dropped_packets"]]) {
    set(id, String(stream[field]));
    tone(id, grew(field) ? "warn" : "");
  }
  set("uptime", hms(stream.uptime_ms));
}

function element(name, className, text = "") {
  const e = document.createElement(name);
  e.className = className;
  e.textContent = text;
  return e;
}

const rows = new Map();

function tellOutputs(outputs) {
  $("no-outputs").hidden = outputs.length > 0;
  for (const [id, row] of rows) {
    if (!outputs.some((o) => o.id === id)) {
      row.item.remove();
      rows.delete(id);
    }
  }
  for (const output of outputs) {
    const row = rows.get(output.id) ?? addRow(output.id);
    row.set(output);
  }
}

function addRow(id) {
  const item = element("li", "output");
  const chip = element("span", "chip");
  chip.setAttribute("role", "status");
  const where = element("div", "where");
  const url = element("p", "url"), sent = element("p", "sent");
  where.append(element("p", "name", id), url, sent);
  const button = element("button", "");
  button.type = "button";
  const reason = element("p", "reason");
  item.append(chip, where, button, reason);
  $("outputs").append(item);
  const put = (e, text) => { if (e.textContent !== text) e.textContent = text; };
  let verb = "retry";
  button.addEventListener("click", async () => {
    button.disabled = true;
    await fetch(`/api/v1/outputs/${encodeURIComponent(id)}/${verb}`, { method: "POST" }).catch(() => {});
    button.disabled = false;
  });
  const row = {
    item,
    set(output) {
      put(chip, output.state);
      chip.dataset.state = output.state;
      put(url, output.url);
      const facts = [];
      if (output.connected_ms !== undefined) facts.push(`on air ${hms(output.connected_ms)}`);
      if (output.bytes_sent) facts.push(`${(output.bytes_sent / 1e6).toFixed(1)} MB sent`);
      if (output.queue_ms > 500) facts.push(`${seconds(output.queue_ms)} waiting`);
      if (output.dropped_packets) facts.push(`${output.dropped_packets} dropped`);
      put(sent, facts.join(" · "));
      const wait = output.next_retry_in_ms === undefined ? "" : ` Next attempt in ${Math.ceil(output.next_retry_in_ms / 1000)} s.`;
      put(reason, output.reason ? `${output.reason}.${wait}`.replace("..", ".") : "");
      reason.hidden = !output.reason;
      const start = ["idle", "stopped"].includes(output.state);
      verb = start ? "start" : "retry";
      button.hidden = !start && !["retrying", "refused"].includes(output.state);
      put(button, start ? "Start" : "Retry");
      button.setAttribute("aria-label", `${start ? "Start" : "Retry"} output ${id}`);
    },
  };
  rows.set(id, row);
  return row;
}

// --- Guides -----------------------------------------------------------------------------------------------------------
// Lines over the preview, in this page alone, as a still with guides has them, and some: the title-safe and action-safe areas (SMPTE ST 2046-1), an upright crop of
// 9:16, thirds and the center, and what layers have for safe areas of their own, in red where a layer leaves its own.

const TITLE_SAFE = 0.90, ACTION_SAFE = 0.93;
const guides = { on: false, canvas: null, layers: [], revision: "", drawn: "", asking: false };

const box = (x, y, w, h) => `M${x} ${y}h${w}v${h}h${-w}z`;
const middle = (canvas, part) => {
  const w = canvas.width_px * part, h = canvas.height_px * part;
  return box((canvas.width_px - w) / 2, (canvas.height_px - h) / 2, w, h);
};

function guideLines({ width_px: w, height_px: h }) {
  const cross = h / 24, crop = h * 9 / 16;
  const lines = [
    ["thin thirds", [1, 2].map((i) => `M${w * i / 3} 0v${h}M0 ${h * i / 3}h${w}`).join("")],
    ["center", `M${w / 2 - cross} ${h / 2}h${2 * cross}M${w / 2} ${h / 2 - cross}v${2 * cross}`],
    ["dashed action", middle(guides.canvas, ACTION_SAFE)],
    ["title", middle(guides.canvas, TITLE_SAFE)],
  ];
  if (w - crop >= 2) lines.push(["upright", `M${(w - crop) / 2} 0v${h}M${(w + crop) / 2} 0v${h}`]);
  // Areas that several layers share are drawn once.
  const own = new Map();
  for (const { safe_area: area, outside_safe_area: left } of guides.layers) {
    // Who stays where all words should is not marked: that is drawn already.
    if (!area || (area === true && left !== true)) continue;
    const { left_px = 0, top_px = 0, right_px = 0, bottom_px = 0 } = area;
    const line = area === true ? middle(guides.canvas, TITLE_SAFE)
      : box(left_px, top_px, Math.max(0, w - left_px - right_px), Math.max(0, h - top_px - bottom_px));
    own.set(line, own.get(line) || left === true);
  }
  for (const [line, left] of own) lines.push([left ? "own left" : "own", line]);
  return lines;
}

// The canvas lies in the middle of the picture, which lies in the middle of the stage.
function drawGuides() {
  const svg = $("guides");
  const shown = guides.on && guides.canvas !== null && video.videoWidth > 0;
  svg.toggleAttribute("hidden", !shown);
  if (!shown) return;
  const lines = guideLines(guides.canvas);
  const key = JSON.stringify([video.videoWidth, video.videoHeight, guides.canvas, lines]);
  if (key === guides.drawn) return;
  guides.drawn = key;
  const make = (name, attributes) => {
    const e = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [attribute, value] of Object.entries(attributes)) e.setAttribute(attribute, value);
    return e;
  };
  svg.setAttribute("viewBox", `0 0 ${video.videoWidth} ${video.videoHeight}`);
  const { width_px, height_px } = guides.canvas;
  const canvas = make("svg", { width: video.videoWidth, height: video.videoHeight, viewBox: `0 0 ${width_px} ${height_px}` });
  canvas.append(...lines.map(([name, d]) => make("path", { class: name, d })));
  svg.replaceChildren(canvas);
}

// The layers every second, since they move; the canvas when the scene is another.
async function askForGuides() {
  if (!guides.on || guides.asking || document.hidden) return;
  guides.asking = true;
  try {
    const options = { signal: AbortSignal.timeout(4000), cache: "no-store" };
    const layers = await fetch("/api/v1/layers?resolved=true", options);
    const revision = layers.headers.get("revision");
    if (layers.ok && (guides.canvas === null || revision !== guides.revision)) {
      const scene = await fetch("/api/v1/scene", options);
      if (scene.ok) guides.canvas = (await scene.json()).canvas;
    }
    if (layers.ok) [guides.layers, guides.revision] = [(await layers.json()).items, revision];
  } catch {
    // What was heard last stays, as the picture does.
  }
  guides.asking = false;
  drawGuides();
}

function setGuides(on) {
  guides.on = on;
  $("guide").setAttribute("aria-pressed", String(on));
  // A browser that keeps nothing forgets it with the page.
  try { localStorage.setItem("guides", on ? "on" : "off"); } catch {}
  drawGuides();
  askForGuides();
}

$("guide").addEventListener("click", () => setGuides(!guides.on));
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select");
  if (event.key.toLowerCase() !== "g" || event.repeat || event.ctrlKey || event.metaKey || event.altKey || typing) return;
  if (!$("studio").hidden) setGuides(!guides.on);
});
video.addEventListener("resize", drawGuides);

// --- Buttons ----------------------------------------------------------------------------------------------------------

function toggleSound() {
  video.muted = !video.muted;
  set("sound", video.muted ? "Sound off" : "Sound on");
  $("sound").setAttribute("aria-pressed", String(!video.muted));
}

video.addEventListener("click", toggleSound);
$("sound").addEventListener("click", toggleSound);
$("to-live").addEventListener("click", () => player?.toLive());
$("overlay-button").addEventListener("click", () => { wait = WAIT_FIRST_MS; connect(); });
$("full").addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else $("stage").requestFullscreen?.();
});

// --- Coming in --------------------------------------------------------------------------------------------------------

function begin(client) {
  $("entry").hidden = true;
  $("studio").hidden = false;
  $("leave").hidden = client === "anonymous";
  connect();
  ask();
  setInterval(tellPreview, 100);
  setInterval(askForGuides, 1000);
  let remembered = null;
  try { remembered = localStorage.getItem("guides"); } catch {}
  if (remembered === "on") setGuides(true);
}

function askForToken(fault = "") {
  $("studio").hidden = true;
  $("entry").hidden = false;
  set("air", "Closed");
  set("entry-fault", fault);
  $("token").focus();
}

$("entry").addEventListener("submit", async (event) => {
  event.preventDefault();
  $("enter").disabled = true;
  try {
    const answer = await fetch("/api/v1/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token: $("token").value.trim() }),
    });
    const said = await answer.json();
    $("token").value = "";
    if (answer.ok) begin(said.client);
    else askForToken(answer.status === 401 ? "This token is not known here." : said.detail);
  } catch {
    askForToken("The studio does not answer.");
  }
  $("enter").disabled = false;
});

$("leave").addEventListener("click", async () => {
  await fetch("/api/v1/session", { method: "DELETE" });
  location.reload();
});

async function enter() {
  try {
    const answer = await fetch("/api/v1/session", { cache: "no-store" });
    if (answer.status === 401) askForToken();
    else begin((await answer.json()).client);
  } catch {
    setTimeout(enter, 2000);
  }
}

enter();
