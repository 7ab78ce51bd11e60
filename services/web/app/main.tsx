import { render } from 'preact';
import { Shell } from './shell/shell.tsx';
import { startRouter } from './state/router.ts';
import './style/base.css';
import './style/shell.css';
import './style/parts.css';
import './style/screens.css';
import './style/forms.css';

startRouter();
render(<Shell />, document.getElementById('app')!);
