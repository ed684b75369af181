export { openInBrowser } from './server/open-in-browser.ts';
export { type Dashboard, type DashboardOptions, defaultPort, startDashboard } from './server/server.ts';
