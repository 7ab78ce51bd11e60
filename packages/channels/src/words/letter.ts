/** A part of a message, from which its text and its HTML are both made. */
export type LetterPart =
  | { readonly part: 'headline' | 'paragraph' | 'note'; readonly text: string }
  /** What is asked of the reader. */
  | { readonly part: 'action'; readonly text: string; readonly url: string }
  | { readonly part: 'facts'; readonly rows: readonly (readonly [label: string, value: string])[] }
  | { readonly part: 'list'; readonly title?: string; readonly items: readonly string[] };

/** The plain text of a letter. */
export function letterText(parts: readonly LetterPart[]): string {
  return `${parts.map(partText).join('\n\n')}\n`;
}

function partText(part: LetterPart): string {
  switch (part.part) {
    case 'headline':
    case 'paragraph':
    case 'note':
      return part.text;
    case 'action':
      return `${part.text}:\n${part.url}`;
    case 'facts': {
      return part.rows.map(([label, value]) => `${label}: ${value}`).join('\n');
    }
    case 'list': {
      const items = part.items.map((item) => `- ${item}`);
      return (part.title === undefined ? items : [part.title, ...items]).join('\n');
    }
  }
}

const colours = { ink: '#1b2733', quiet: '#5b6b7a', line: '#d8dfe6', action: '#0b5cad' };
const font = "font-family:'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/** The same as HTML: no images, nothing that is fetched, and readable where styles are taken away. */
export function letterHtml(parts: readonly LetterPart[], language: string): string {
  return (
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"></head>` +
    `<body style="margin:0;padding:24px;color:${colours.ink};${font};font-size:15px;line-height:1.5">` +
    `<div style="max-width:640px">${parts.map(partHtml).join('')}</div></body></html>`
  );
}

function partHtml(part: LetterPart): string {
  switch (part.part) {
    case 'headline':
      return `<h1 style="font-size:20px;line-height:1.3;margin:0 0 12px">${escaped(part.text)}</h1>`;
    case 'paragraph':
      return `<p style="margin:0 0 14px">${escaped(part.text)}</p>`;
    case 'note':
      return `<p style="margin:0 0 14px;color:${colours.quiet};font-size:13px">${escaped(part.text)}</p>`;
    case 'action':
      return (
        `<p style="margin:0 0 18px"><a href="${escaped(part.url)}" style="display:inline-block;padding:10px 18px;` +
        `background:${colours.action};color:#ffffff;text-decoration:none;border-radius:4px">${escaped(part.text)}</a></p>`
      );
    case 'facts': {
      const rows = part.rows.map(
        ([label, value]) =>
          `<tr><th scope="row" style="text-align:left;font-weight:normal;color:${colours.quiet};padding:4px 16px 4px 0;` +
          `vertical-align:top">${escaped(label)}</th><td style="padding:4px 0">${escaped(value)}</td></tr>`,
      );
      return (
        `<table style="border-collapse:collapse;margin:0 0 16px;border-top:1px solid ${colours.line};` +
        `border-bottom:1px solid ${colours.line}">${rows.join('')}</table>`
      );
    }
    case 'list': {
      const title =
        part.title === undefined
          ? ''
          : `<h2 style="font-size:16px;margin:0 0 6px">${escaped(part.title)}</h2>`;
      const items = part.items.map((item) => `<li style="margin:0 0 4px">${escaped(item)}</li>`).join('');
      return `${title}<ul style="margin:0 0 16px;padding-left:20px">${items}</ul>`;
    }
  }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character]!).replaceAll('\n', '<br>');
}
