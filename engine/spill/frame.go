package spill

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/pierrec/lz4/v4"

	"github.com/odatagres/odatagres/internal/pgerr"
	"github.com/odatagres/odatagres/internal/vector"
)

// A frame is a batch on disk: a header (bytes that follow, their checksum, rows, bytes in memory), then for each column the sizes of its
// buffers, in memory and here, and the buffers themselves. A buffer that LZ4 does not make smaller is stored as it is.

const (
	headerBytes = 16
	sizeBytes   = 8
	// tinyBuffer is not worth a try to compress.
	tinyBuffer = 128
)

// header is a frame's head.
type header struct {
	stored int // bytes that follow
	sum    uint32
	rows   int
	memory int // bytes of all buffers in memory
}

func (h header) append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(h.stored))
	dst = binary.LittleEndian.AppendUint32(dst, h.sum)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(h.rows))
	return binary.LittleEndian.AppendUint32(dst, uint32(h.memory))
}

func parseHeader(b []byte) header {
	return header{
		stored: int(binary.LittleEndian.Uint32(b)), sum: binary.LittleEndian.Uint32(b[4:]), rows: int(binary.LittleEndian.Uint32(b[8:])),
		memory: int(binary.LittleEndian.Uint32(b[12:])),
	}
}

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// appendFrame writes a batch of flat columns without a selection to dst.
func appendFrame(dst []byte, b *vector.Batch, c *lz4.Compressor) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, headerBytes)...)
	memory := 0
	var bufs [][]byte
	for _, col := range b.Cols {
		bufs = col.RawBytes(bufs[:0])
		for _, raw := range bufs {
			memory += len(raw)
			dst = appendBuffer(dst, raw, c)
		}
	}
	body := dst[start+headerBytes:]
	header{stored: len(body), sum: checksum(body), rows: b.N, memory: memory}.append(dst[start:start:len(dst)])
	return dst
}

func appendBuffer(dst, raw []byte, c *lz4.Compressor) []byte {
	at := len(dst)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(raw)))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(raw)))
	if len(raw) >= tinyBuffer {
		from := len(dst)
		room := len(raw) - len(raw)/16 // less gain is not worth the time to read it
		dst = grow(dst, room)
		if n, err := c.CompressBlock(raw, dst[from:from+room]); err == nil && n > 0 {
			binary.LittleEndian.PutUint32(dst[at+4:], uint32(n))
			return dst[:from+n]
		}
		dst = dst[:from]
	}
	return append(dst, raw...)
}

func grow(b []byte, n int) []byte {
	for cap(b)-len(b) < n {
		b = append(b[:cap(b)], 0)[:len(b)]
	}
	return b[:len(b)+n]
}

var errDamaged = pgerr.New(pgerr.IOError, "a temporary file does not hold what was written to it")

// readFrame fills out, whose columns have the right types, with a frame's body.
func readFrame(out *vector.Batch, h header, body []byte) error {
	if checksum(body) != h.sum {
		return errDamaged
	}
	for _, col := range out.Cols {
		n := vector.RawBuffers(col.Kind)
		sizes, stored := make([]int, n), make([][]byte, n)
		for i := range n {
			if len(body) < sizeBytes {
				return errDamaged
			}
			raw, here := int(binary.LittleEndian.Uint32(body)), int(binary.LittleEndian.Uint32(body[4:]))
			body = body[sizeBytes:]
			if here > len(body) {
				return errDamaged
			}
			sizes[i], stored[i], body = raw, body[:here], body[here:]
		}
		err := col.LoadRaw(h.rows, sizes, func(i int, buf []byte) error {
			if len(buf) != sizes[i] {
				return errDamaged
			}
			if len(stored[i]) == len(buf) {
				copy(buf, stored[i])
				return nil
			}
			if got, err := lz4.UncompressBlock(stored[i], buf); err != nil || got != len(buf) {
				return errDamaged
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	out.N, out.Sel = h.rows, nil
	return nil
}
