/* linemap: the script of its maps. Plain JavaScript in one scope; each file adds one part to
   `linemap`. No text is ever parsed as HTML or run: texts enter the page as text nodes. */
(function () {
"use strict";
const linemap = {};
