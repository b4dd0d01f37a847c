// Compressed batches for specs. LZ4 is what a foreign producer may send and no consumer of ours reads: frames of stored blocks, by a codec
// that packs and does not unpack.
// Source of the format: lz4/lz4, "LZ4 Frame Format Description" 1.6.1. The last byte of the head is its checksum.
import kafkajs from 'kafkajs';

const { CompressionCodecs, CompressionTypes } = kafkajs;

const HEAD = Buffer.from('04224d18604082', 'hex');
const END = Buffer.alloc(4);
const IS_STORED = 0x8000_0000;
/** What the head promises. */
const BLOCK_BYTES_MAX = 64 * 1024;

/** A codec in the form that kafkajs asks for. */
const lz4Uncompressed = {
  compress: async ({ buffer }: { buffer: Buffer }): Promise<Buffer> => {
    const parts: Buffer[] = [HEAD];
    for (let at = 0; at < buffer.length; at += BLOCK_BYTES_MAX) {
      const block = buffer.subarray(at, at + BLOCK_BYTES_MAX);
      const size = Buffer.alloc(4);
      size.writeUInt32LE((IS_STORED | block.length) >>> 0);
      parts.push(size, block);
    }
    return Buffer.concat([...parts, END]);
  },
  decompress: (): never => {
    throw new Error('this codec only packs');
  },
};

/** What the client calls the codecs that producers of specs use. */
export const CODECS = { gzip: CompressionTypes.GZIP, lz4: CompressionTypes.LZ4 } as const;

/** From now on producers of this process can send LZ4. */
export function learnLz4(): void {
  CompressionCodecs[CompressionTypes.LZ4] = () => lz4Uncompressed;
}
