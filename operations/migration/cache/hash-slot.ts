const SLOTS = 16384;
/** CRC-16/XMODEM. */
const POLYNOMIAL = 0x1021;
const [OPEN, CLOSE] = [Buffer.from("{"), Buffer.from("}")] as const;

/**
 * The slot of a key in a cluster. Of a key with braces, what is between the first two counts.
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 */
export function hashSlot(key: Buffer): number {
  const open = key.indexOf(OPEN);
  const close = open < 0 ? -1 : key.indexOf(CLOSE, open + 1);
  return crc16(close > open + 1 ? key.subarray(open + 1, close) : key) % SLOTS;
}

function crc16(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1) & 0xffff;
    }
  }
  return crc;
}
