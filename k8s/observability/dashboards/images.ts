// The way of a photo, from the address that a seller asks for to the renditions that the shop knows.
import { images as photos } from '../queries/images.ts';
import { logs } from '../queries/logs.ts';
import { type Board, lines } from './board.ts';

export const images: Board = {
  uid: 'images',
  title: 'Image pipeline',
  about:
    'Uploads in, renditions out. The function itself runs in AWS Lambda: its calls, failures and dead letters are in CloudWatch, where alarms watch them.',
  hasProcessChoice: false,
  rows: [
    {
      title: 'Photos',
      panels: [
        lines(photos.uploads),
        lines(photos.renditions),
        lines(photos.known),
        lines(photos.deadLetters),
        lines(photos.rejected),
        { as: 'log-series', log: logs.rejectedUploads },
      ],
    },
    {
      title: 'The function',
      panels: [{ as: 'log-lines', log: logs.function, span: 24 }],
    },
  ],
};
