import { render } from 'preact';
import { App } from './app';
import { start } from './rpc/session';

const root = document.getElementById('app');
if (root) render(<App />, root);
void start();
