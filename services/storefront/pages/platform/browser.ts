// What platform pages do beyond HTML. A module for each subject.
import { readChart } from './chart-browser.ts';
import { followParts } from './live-browser.ts';
import { takePhotos } from './photos-browser.ts';

followParts();
readChart();
takePhotos();
