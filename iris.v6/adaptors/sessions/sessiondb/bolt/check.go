package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// checker reads a whole file before bbolt does. bbolt trusts its file: at a damaged
// page it panics, perhaps in a goroutine of its own, or never returns. The file is
// a tree of pages for each bucket, and a tree of the buckets. Its numbers are
// little-endian.
type checker struct {
	file     io.ReaderAt
	pageSize int64
	pages    uint64 // the number of pages in use
	seen     []bool // by page: something refers to it

	fileItems map[string][]byte // the contents of bucketFile
	buckets   int
	sessions  uint64 // the sum of the hashes of the entries that the index should have
	index     uint64 // the sum of the hashes of those that it has
}

func hash(entry []byte) uint64 {
	h := fnv.New64a()
	h.Write(entry) // never fails
	return h.Sum64()
}

const (
	headerSize  = 16 // of a page, and of an element in it
	branchPage  = 0x01
	leafPage    = 0x02
	freePage    = 0x10
	bucketFlag  = 0x01
	firstPage   = 2      // after the two meta pages
	countBeyond = 0xffff // the number of free pages is in the first 8 bytes
)

// check reads all of a file of that size, and returns the latest time in it, 0 if
// it is new. meta is the number of the meta page that bbolt uses, after it has
// checked the sum of that page.
func check(file io.ReaderAt, size, pageSize, meta int64) (time.Duration, error) {
	var m [headerSize + 64]byte
	if _, err := file.ReadAt(m[:], meta*pageSize); err != nil {
		return 0, err
	}
	root := binary.LittleEndian.Uint64(m[headerSize+16:])
	freelist := binary.LittleEndian.Uint64(m[headerSize+32:])
	c := &checker{
		file: file, pageSize: pageSize, pages: binary.LittleEndian.Uint64(m[headerSize+40:]),
		fileItems: map[string][]byte{},
	}
	if c.pages > uint64(size/pageSize) {
		return 0, fmt.Errorf("it has %d bytes of %d pages", size, c.pages)
	}
	c.seen = make([]bool, c.pages)
	if err := c.tree(root, c.bucket); err != nil {
		return 0, err
	}
	if err := c.freelist(freelist); err != nil {
		return 0, err
	}
	if c.buckets == 0 {
		return 0, nil
	}
	if c.buckets != 3 {
		return 0, errors.New("a part of it is missing")
	}
	if f := c.fileItems[string(keyFormat)]; !bytes.Equal(f, format) {
		return 0, fmt.Errorf("its format is %q", f)
	}
	if c.sessions != c.index {
		return 0, errIndex
	}
	return parseTime(c.fileItems[string(keyTime)])
}

// item is an entry of a bucket.
type item struct {
	key, value []byte
	isBucket   bool
}

var (
	errPage  = errors.New("a page of it is damaged")
	errIndex = errors.New("its expiry index does not match its sessions")
)

// page reads a page and its overflow pages, to which nothing else may refer.
func (c *checker) page(id uint64) ([]byte, error) {
	var header [headerSize]byte
	if id < firstPage || id >= c.pages {
		return nil, errPage
	}
	if _, err := c.file.ReadAt(header[:], int64(id)*c.pageSize); err != nil {
		return nil, err
	}
	overflow := number(header[12:])
	if binary.LittleEndian.Uint64(header[:]) != id || overflow >= c.pages-id {
		return nil, errPage
	}
	for i := id; i <= id+overflow; i++ {
		if c.seen[i] {
			return nil, errPage
		}
		c.seen[i] = true
	}
	data := make([]byte, int64(overflow+1)*c.pageSize)
	_, err := c.file.ReadAt(data, int64(id)*c.pageSize)
	return data, err
}

// tree visits the items of the tree with that root.
func (c *checker) tree(root uint64, visit func(item) error) error {
	data, err := c.page(root)
	if err != nil {
		return err
	}
	var last []byte // the key before
	return c.node(data, &last, visit)
}

// node visits the items below a page. All keys are greater than last.
func (c *checker) node(page []byte, last *[]byte, visit func(item) error) error {
	flags, count := binary.LittleEndian.Uint16(page[8:]), int(binary.LittleEndian.Uint16(page[10:]))
	if len(page) < headerSize*(count+1) {
		return errPage
	}
	for i := range count {
		element := page[headerSize*(i+1):]
		var err error
		switch flags {
		case branchPage:
			err = c.branch(element, last, visit)
		case leafPage:
			err = c.leaf(element, last, visit)
		default:
			err = errPage
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) branch(element []byte, last *[]byte, visit func(item) error) error {
	key, err := cut(element, number(element), number(element[4:]))
	if err != nil || *last != nil && bytes.Compare(*last, key) >= 0 {
		return errPage
	}
	page, err := c.page(binary.LittleEndian.Uint64(element[8:]))
	if err != nil {
		return err
	}
	return c.node(page, last, func(i item) error {
		if bytes.Compare(i.key, key) < 0 {
			return errPage
		}
		return visit(i)
	})
}

func (c *checker) leaf(element []byte, last *[]byte, visit func(item) error) error {
	keySize := number(element[8:])
	both, err := cut(element, number(element[4:]), keySize+number(element[12:]))
	if err != nil {
		return err
	}
	i := item{both[:keySize], both[keySize:], number(element)&bucketFlag != 0}
	if *last != nil && bytes.Compare(*last, i.key) >= 0 {
		return errPage
	}
	*last = i.key
	return visit(i)
}

// cut returns the n bytes from pos on.
func cut(data []byte, pos, n uint64) ([]byte, error) {
	if pos+n > uint64(len(data)) {
		return nil, errPage
	}
	return data[pos:][:n], nil
}

func number(data []byte) uint64 { return uint64(binary.LittleEndian.Uint32(data)) }

// bucket visits the items of a bucket: a tree of its own or, if it is small, a
// page within the item.
func (c *checker) bucket(i item) error {
	visit := map[string]func(item) error{
		string(bucketFile):        c.fileItem,
		string(bucketSessions):    c.session,
		string(bucketExpiryIndex): c.indexEntry,
	}[string(i.key)]
	if !i.isBucket || visit == nil || len(i.value) < headerSize {
		return errors.New("it has other contents")
	}
	c.buckets++
	if root := binary.LittleEndian.Uint64(i.value); root != 0 {
		return c.tree(root, visit)
	}
	page := i.value[headerSize:]
	if len(page) < headerSize || binary.LittleEndian.Uint16(page[8:]) != leafPage {
		return errPage
	}
	var last []byte
	return c.node(page, &last, visit)
}

func (c *checker) fileItem(i item) error {
	if i.isBucket {
		return errPage
	}
	c.fileItems[string(i.key)] = i.value
	return nil
}

func (c *checker) session(i item) error {
	if i.isBucket || len(i.key) != len(store.Key{}) {
		return errRecord
	}
	key := store.Key(i.key)
	r, err := parseRecord(key, i.value)
	c.sessions += hash(indexEntry(key, r.indexedAt))
	return err
}

func (c *checker) indexEntry(i item) error {
	if i.isBucket || len(i.key) != indexEntrySize {
		return errIndex
	}
	c.index += hash(i.key)
	return nil
}

// freelist reads the list of the pages that are free to use.
func (c *checker) freelist(id uint64) error {
	page, err := c.page(id)
	if err != nil {
		return err
	}
	count, ids := uint64(binary.LittleEndian.Uint16(page[10:])), page[headerSize:]
	if binary.LittleEndian.Uint16(page[8:]) != freePage {
		return errPage
	}
	if count == countBeyond {
		count, ids = binary.LittleEndian.Uint64(ids), ids[8:]
	}
	if count > uint64(len(ids)/8) {
		return errPage
	}
	for ; count > 0; count, ids = count-1, ids[8:] {
		free := binary.LittleEndian.Uint64(ids)
		if free < firstPage || free >= c.pages || c.seen[free] {
			return errPage
		}
		c.seen[free] = true
	}
	return nil
}
