/** The launcher as a plain script: what the tag says is what is mounted. */

import { mount } from "./launcher.js";

const tag = /** @type {HTMLScriptElement | null} */ (document.currentScript);
if (tag?.dataset.vertical) {
  mount(/** @type {{vertical: string, token: string}} */ ({ ...tag.dataset }));
}
