'use strict';
// A picture, an expression, its mask. All state of the page is here; the server keeps what it computed from the picture.
const $ = id => document.getElementById(id);
const colours = [[230, 159, 0], [86, 180, 233], [0, 158, 115], [240, 228, 66], [213, 94, 0], [204, 121, 167]];
const heat = [[0, 12, 8, 48], [.25, 90, 24, 120], [.5, 190, 50, 100], [.75, 245, 130, 50], [1, 255, 240, 150]];
const mostKept = 5;
let about, photo = null, token = null, file = null, name = 'picture';
let current = null, kept = [], maps = null, word = -1, asking = null, opening = 0;

const say = text => { $('status').textContent = text; };
const problem = text => { $('problem').textContent = text; };
const told = e => e.what ? `${e.what[0].toUpperCase()}${e.what.slice(1)}${e.hint ? `: ${e.hint}` : ''}.` : 'The server does not answer.';
const number = (v, unit) => `${v.toLocaleString('en', { maximumFractionDigits: 1 })} ${unit}`;

async function ask(path, options) {
  const answer = await fetch(path, options);
  if (!answer.ok) throw { status: answer.status, ...await answer.json().catch(() => ({ what: `the server answers ${answer.status}` })) };
  return answer;
}

const post = (path, body, signal) => ask(path, { method: 'POST', body, signal });

async function upload() {
  const answer = await (await post('api/pictures', file)).json();
  token = answer.token;
  return answer;
}

// A question about the picture; where its time was up, the picture is sent again.
async function question(path, text, signal) {
  const at = () => `api/pictures/${token}/${path}`;
  try { return await post(at(), text, signal); }
  catch (e) {
    if (e.status !== 404) throw e;
    await upload();
    return post(at(), text, signal);
  }
}

function forget() {
  if (token) navigator.sendBeacon(`api/pictures/${token}/forget`);
  token = null;
}

async function open(chosen, label, expression) {
  const turn = ++opening;
  if (asking) asking.abort();
  problem('');
  forget();
  if (photo) photo.close();
  [photo, current, kept, maps, word, file, name] = [null, null, [], null, -1, chosen, label];
  showWords(); showKept(); enable();
  if (chosen.size > about.bytes) return refused({ what: `the file has more than ${about.bytes.toLocaleString('en')} bytes`, hint: 'scale the picture down' });
  say('Reading the picture …');
  try {
    const answer = await upload();
    if (turn !== opening) return navigator.sendBeacon(`api/pictures/${answer.token}/forget`);
    photo = await createImageBitmap(chosen);
    say(`The picture has ${answer.width} by ${answer.height} pixels; the server took ${number(answer.milliseconds, 'ms')}. Type what to find.`);
    enable();
    draw();
    if (expression) $('expression').value = expression;
    follow();
  } catch (e) { if (turn === opening) refused(e); }
}

function refused(e) { token = null; enable(); draw(); say('Choose a picture first.'); problem(told(e)); }

function enable() {
  $('expression').disabled = !photo;
  $('keep').disabled = !current || kept.length >= mostKept;
  $('save-mask').disabled = !current;
  $('save-overlay').disabled = !current && !kept.length;
}

// The mask follows the typing: the newest expression alone is waited for.
async function follow() {
  if (asking) asking.abort();
  const text = $('expression').value.trim();
  problem('');
  if (!photo) return;
  if (!text) { current = maps = null; word = -1; showWords(); enable(); draw(); return say('Type what to find.'); }
  const mine = asking = new AbortController();
  const start = performance.now();
  try {
    const answer = await (await question('mask', text, mine.signal)).json();
    if (mine !== asking) return;
    const same = current && current.text === text;
    current = { text, answer };
    if (!same) { maps = null; word = -1; }
    draw();
    $('stage').dataset.milliseconds = (performance.now() - start).toFixed(1);
    showWords(); enable();
    say(`“${text}”: ${number(answer.share, '%')} of the picture. The server took ${number(answer.milliseconds, 'ms')}.`);
    if (!about.hasMaps) return;
    const found = await (await question('maps', text, mine.signal)).json();
    if (mine !== asking) return;
    maps = found;
    showWords();
  } catch (e) {
    if (e.name === 'AbortError' || mine !== asking) return;
    current = maps = null; word = -1;
    showWords(); enable(); draw();
    say('No mask.');
    problem(told(e));
  }
}

function layer(answer, [r, g, b]) {
  const image = new ImageData(answer.width, answer.height);
  const pixels = new Uint32Array(image.data.buffer);
  const colour = new Uint32Array(new Uint8Array([r, g, b, 150]).buffer)[0];
  let at = 0, inside = false;
  for (const run of answer.runs) { if (inside) pixels.fill(colour, at, at + run); at += run; inside = !inside; }
  return canvasOf(image);
}

function mapLayer(index, alpha) {
  const bytes = atob(maps.maps[index]);
  const image = new ImageData(maps.width, maps.height);
  for (let i = 0; i < bytes.length; i++) image.data.set([...heatOf(bytes.charCodeAt(i) / 255), alpha], 4 * i);
  return canvasOf(image);
}

function heatOf(v) {
  const above = Math.max(1, heat.findIndex(h => h[0] >= v));
  const [low, high] = [heat[above - 1], heat[above]];
  const share = (v - low[0]) / (high[0] - low[0]);
  return [1, 2, 3].map(i => Math.round(low[i] + (high[i] - low[i]) * share));
}

function canvasOf(image) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width, image.height];
  canvas.getContext('2d').putImageData(image, 0, 0);
  return canvas;
}

const visible = () => [...kept.filter(k => k.shown), ...current && !kept.some(k => k.text === current.text) ? [{ ...current, colour: free() }] : []];
const free = () => colours.find(c => !kept.some(k => k.colour === c));

function paint(canvas, width, height, showMap) {
  [canvas.width, canvas.height] = [width, height];
  const to = canvas.getContext('2d');
  if (!photo) return;
  if (showMap) to.filter = 'grayscale(1)';
  to.drawImage(photo, 0, 0, width, height);
  to.filter = 'none';
  if (showMap) to.drawImage(mapLayer(word, 170), 0, 0, width, height);
  else for (const one of visible()) to.drawImage(layer(one.answer, one.colour), 0, 0, width, height);
}

function draw() {
  const scale = photo ? Math.min(1024 / Math.max(photo.width, photo.height), Math.max(1, 480 / Math.max(photo.width, photo.height))) : 1;
  const [width, height] = photo ? [Math.round(photo.width * scale), Math.round(photo.height * scale)] : [320, 200];
  const isMap = word >= 0 && maps && word < maps.maps.length;
  paint($('stage'), width, height, isMap);
  const shown = visible().map(one => one.text).join(', ');
  $('stage').setAttribute('aria-label', !photo ? 'No picture yet'
    : isMap ? `Where the word ${current.answer.words[word].text} looks: bright where most`
    : shown ? `The picture with the masks of: ${shown}` : 'The picture');
}

function showWords() {
  const words = current ? current.answer.words : [];
  const list = $('words');
  const focused = [...list.querySelectorAll('button')].indexOf(document.activeElement);
  list.replaceChildren(...words.map((one, i) => {
    const item = document.createElement('li');
    const hasMap = maps && i < maps.maps.length;
    const button = document.createElement('button');
    button.type = 'button';
    button.disabled = !hasMap;
    button.setAttribute('aria-pressed', String(word === i));
    button.append(one.text);
    if (one.use !== 'known') {
      const note = document.createElement('small');
      note.className = 'odd';
      note.textContent = one.use === 'cut' ? 'cut: too many words' : 'not known';
      button.append(note);
    }
    if (hasMap) {
      const map = mapLayer(i, 255);
      map.setAttribute('aria-hidden', 'true');
      button.append(map);
    }
    button.onclick = () => { word = word === i ? -1 : i; showWords(); draw(); };
    item.append(button);
    return item;
  }));
  if (focused >= 0) list.querySelectorAll('button')[focused]?.focus();
}

function showKept() {
  $('kept').replaceChildren(...kept.map(one => {
    const item = document.createElement('li');
    const [label, box, mask, remove] = ['label', 'input', 'button', 'button'].map(tag => document.createElement(tag));
    const swatch = canvasOf(new ImageData(new Uint8ClampedArray([...one.colour, 255]), 1, 1));
    swatch.className = 'swatch';
    swatch.setAttribute('aria-hidden', 'true');
    box.type = 'checkbox';
    box.checked = one.shown;
    box.onchange = () => { one.shown = box.checked; draw(); };
    label.append(box, ` ${one.text}`);
    mask.type = remove.type = 'button';
    mask.textContent = 'Mask';
    mask.setAttribute('aria-label', `Download the mask of ${one.text}`);
    mask.onclick = () => saveMask(one.text);
    remove.textContent = 'Remove';
    remove.setAttribute('aria-label', `Remove ${one.text}`);
    remove.onclick = () => { kept = kept.filter(k => k !== one); showKept(); enable(); draw(); $('expression').focus(); };
    item.append(swatch, label, mask, remove);
    return item;
  }));
}

function save(blob, ending) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${name.replace(/\.[^.]*$/, '')}.${ending}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function saveMask(text) {
  try { save(await (await question('mask.png', text)).blob(), `${text.replace(/\W+/g, '-')}.mask`); }
  catch (e) { problem(told(e)); }
}

function saveOverlay() {
  const canvas = document.createElement('canvas');
  paint(canvas, photo.width, photo.height, false);
  canvas.toBlob(blob => save(blob, 'overlay'));
}

function keep() {
  if (!current || kept.length >= mostKept || kept.some(k => k.text === current.text)) return;
  kept.push({ ...current, colour: free(), shown: true });
  showKept(); enable(); draw();
  say(`Kept “${current.text}”.`);
}

function gallery() {
  $('gallery').replaceChildren(...about.scenes.map((expression, i) => {
    const [item, button, image] = ['li', 'button', 'img'].map(tag => document.createElement(tag));
    button.type = 'button';
    image.src = `api/scenes/${i}`;
    image.alt = `Scene ${i + 1}: ${expression}`;
    button.append(image);
    button.onclick = async () => {
      try { await open(await (await ask(image.src)).blob(), `scene-${i + 1}.png`, expression); } catch (e) { problem(told(e)); }
    };
    item.append(button);
    return item;
  }));
}

const take = files => { if (files.length) open(files[0], files[0].name); };

async function begin() {
  try { about = await (await ask('api/model')).json(); } catch (e) { return problem(told(e)); }
  $('model').textContent = `Model ${about.name}; it takes ${about.mostWords} words. A picture is forgotten when its tab closes, or after ${about.minutes} minutes.`;
  $('expression').maxLength = about.letters;
  $('known').hidden = !about.words.length;
  $('vocabulary').textContent = about.words.join(', ');
  gallery();
  $('choose').onclick = () => $('file').click();
  $('file').onchange = () => { take($('file').files); $('file').value = ''; };
  $('expression').oninput = follow;
  $('keep').onclick = keep;
  $('save-mask').onclick = () => current && saveMask(current.text);
  $('save-overlay').onclick = saveOverlay;
  addEventListener('dragover', e => { e.preventDefault(); $('drop').classList.add('over'); });
  addEventListener('dragleave', () => $('drop').classList.remove('over'));
  addEventListener('drop', e => { e.preventDefault(); $('drop').classList.remove('over'); take(e.dataTransfer.files); });
  addEventListener('pagehide', forget);
}

begin();
