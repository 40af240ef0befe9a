package parser

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A request is four bytes of length, most significant first, and the text. An answer is one byte of kind, four bytes of
// length, and the protobuf of a ParseResult or a workerFault as JSON.
const (
	answerTree  = 'T'
	answerFault = 'E'
)

// maxAnswer bounds what the parent takes from a child: the child's own memory limit keeps honest answers below it.
const maxAnswer = 1 << 29

var errFrame = errors.New("malformed frame")

// workerFault is an error of the parser as the child sends it.
type workerFault struct {
	Message  string `json:"message"`
	Function string `json:"function"`
	Cursor   int    `json:"cursor"` // 1-based; 0: unknown
}

func writeRequest(w io.Writer, text string) error {
	buf := make([]byte, 4, 4+len(text))
	binary.BigEndian.PutUint32(buf, uint32(len(text)))
	_, err := w.Write(append(buf, text...))
	return err
}

func readRequest(r io.Reader) (string, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return "", err
	}
	text := make([]byte, binary.BigEndian.Uint32(head[:]))
	if _, err := io.ReadFull(r, text); err != nil {
		return "", err
	}
	return string(text), nil
}

func writeAnswer(w io.Writer, kind byte, body []byte) error {
	buf := make([]byte, 5, 5+len(body))
	buf[0] = kind
	binary.BigEndian.PutUint32(buf[1:], uint32(len(body)))
	_, err := w.Write(append(buf, body...))
	return err
}

func readAnswer(r io.Reader, charge func(int64) error) (byte, []byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if (head[0] != answerTree && head[0] != answerFault) || n > maxAnswer {
		return 0, nil, fmt.Errorf("answer of kind %d, %d bytes: %w", head[0], n, errFrame)
	}
	if head[0] == answerTree {
		if err := charge(int64(n)); err != nil {
			return 0, nil, err
		}
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return 0, nil, err
	}
	return head[0], body, nil
}
