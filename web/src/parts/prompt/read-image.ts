import { imageTypes } from './images.ts';

/** Vendors scale what is larger than this down before a model sees it, and charge for it as if it were smaller. */
const longestEdge = 2048;
/** The smallest limit of the vendors is 5 MB of base64. */
const mostBytes = 3_700_000;

/** A picture as a data URL that models take. What is too large for them is made smaller; throws with words for a person. */
export async function readImage(file: Blob): Promise<string> {
  if (!imageTypes.includes(file.type)) {
    throw new Error(`This is ${file.type === '' ? 'of an unknown form' : file.type}. Models take PNG, JPEG, WebP and GIF.`);
  }
  const picture = await createImageBitmap(file).catch(() => {
    throw new Error('This picture is damaged: the browser cannot read it.');
  });
  const scale = Math.min(1, longestEdge / Math.max(picture.width, picture.height));
  const fits = scale === 1 && file.size <= mostBytes;
  const kept =
    fits || file.type === 'image/gif' ? file : await redraw(picture, scale, file.type === 'image/png' ? 'image/png' : 'image/jpeg');
  picture.close();
  // A photograph that was saved as PNG may be too large still; as JPEG it is not.
  const small = kept.size <= mostBytes ? kept : await redraw(await createImageBitmap(kept), 1, 'image/jpeg');
  return dataUrl(small);
}

async function redraw(picture: ImageBitmap, scale: number, type: 'image/png' | 'image/jpeg'): Promise<Blob> {
  const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser cannot scale pictures. Make it smaller and try again.');
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type, quality: 0.9 });
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => done(typeof reader.result === 'string' ? reader.result : ''));
    reader.addEventListener('error', () => fail(new Error('The file could not be read.')));
    reader.readAsDataURL(blob);
  });
}

/** The pictures among what was pasted or dropped. */
export function picturesIn(data: DataTransfer): File[] {
  return [...data.files].filter((file) => file.type.startsWith('image/'));
}
