export { webSettings } from './config.ts';
export { webPlugin } from './page.ts';
