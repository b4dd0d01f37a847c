// The chart library, where the console serves it (../page.ts).
declare module '*/vendor/uplot/dist/uPlot.esm.js' {
  import uPlot = require('uplot');
  export default uPlot;
}
