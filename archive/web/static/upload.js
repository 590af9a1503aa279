// Resumable uploads; without this file the form below the box sends files the plain way.
"use strict";
const box = document.querySelector("[data-upload]");
if (box) {
  const list = document.querySelector("[data-progress]");
  const input = box.querySelector("input[type=file]");
  const busy = new Set();
  const send = (file) => {
    const line = document.createElement("li");
    const name = document.createElement("span");
    const bar = document.createElement("progress");
    const word = document.createElement("span");
    name.textContent = `${file.name} `;
    bar.max = file.size || 1;
    line.append(name, bar, word);
    list.append(line);
    busy.add(file);
    const upload = new tus.Upload(file, {
      endpoint: box.dataset.upload,
      chunkSize: 8 * 1024 * 1024,
      retryDelays: [0, 1000, 3000, 5000, 10000, 20000, 30000, 60000],
      metadata: { filename: file.name },
      removeFingerprintOnSuccess: true,
      onProgress: (sent) => { bar.value = sent; word.textContent = ` ${Math.floor((sent / bar.max) * 100)}%`; },
      onError: (error) => {
        busy.delete(file);
        word.textContent = ` 没有传完：${error.originalResponse ? error.originalResponse.getBody() : "网络中断"}，再选一次这个文件会接着传`;
      },
      onSuccess: () => {
        busy.delete(file);
        word.textContent = " 已传完";
        if (busy.size === 0) location.reload();
      },
    });
    upload.findPreviousUploads().then((before) => {
      if (before.length) upload.resumeFromPreviousUpload(before[0]);
      upload.start();
    });
  };
  input.addEventListener("change", () => { [...input.files].forEach(send); input.value = ""; });
  box.querySelector("[data-plain]")?.remove();
  addEventListener("beforeunload", (event) => { if (busy.size) event.preventDefault(); });
}
