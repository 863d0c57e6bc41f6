package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
)

// bbolt trusts its file: where a page is not what it should be, it panics, in a
// goroutine of its own perhaps, or goes round in circles. So checker reads the
// file first, by bbolt's format: a tree of pages for each bucket, and one of
// buckets. Numbers are little-endian there.
type checker struct {
	file     io.ReaderAt
	pageSize int64
	pages    uint64 // how many pages are in use
	seen     []bool // those that something refers to

	fileItems map[string][]byte // what bucketFile has
	buckets   map[string]bool
	sessions  sum
	ends      sum
}

// sum tells one set of list entries from another, whatever their order.
type sum struct {
	n    int
	hash uint64
}

func (s *sum) add(entry []byte) {
	h := fnv.New64a()
	h.Write(entry) // never fails
	s.n++
	s.hash += h.Sum64()
}

const (
	headerSize  = 16 // of a page, and of an element in it
	branchPage  = 0x01
	leafPage    = 0x02
	freePage    = 0x10
	bucketFlag  = 0x01
	firstPage   = 2 // after the two meta pages
	noFreelist  = 1<<64 - 1
	countBeyond = 0xffff // the number of free pages is in the first of them
)

// check reads all of a file of that size, and returns the latest time that it
// has seen, 0 if it is new. meta is the number of the meta page that counts,
// which bbolt has found to be whole.
func check(file io.ReaderAt, size, pageSize, meta int64) (instant, error) {
	var m [headerSize + 64]byte
	if _, err := file.ReadAt(m[:], meta*pageSize); err != nil {
		return 0, err
	}
	root := binary.LittleEndian.Uint64(m[headerSize+16:])
	freelist := binary.LittleEndian.Uint64(m[headerSize+32:])
	c := &checker{
		file: file, pageSize: pageSize, pages: binary.LittleEndian.Uint64(m[headerSize+40:]),
		fileItems: map[string][]byte{}, buckets: map[string]bool{},
	}
	if c.pages > uint64(size/pageSize) {
		return 0, fmt.Errorf("it has %d bytes of %d pages", size, c.pages)
	}
	c.seen = make([]bool, c.pages)
	if err := c.tree(root, c.bucket); err != nil {
		return 0, err
	}
	if freelist != noFreelist {
		if err := c.freelist(freelist); err != nil {
			return 0, err
		}
	}
	if len(c.buckets) == 0 {
		return 0, nil
	}
	if f := c.fileItems[string(keyFormat)]; len(c.buckets) != 3 || !bytes.Equal(f, format) {
		return 0, fmt.Errorf("its format is %q", f)
	}
	if c.sessions != c.ends {
		return 0, errors.New("its list of ends does not fit")
	}
	return parseTime(c.fileItems[string(keyTime)])
}

// item is what a bucket has.
type item struct {
	key, value []byte
	isBucket   bool
}

var errPage = errors.New("a page of it is damaged")

// page reads a page that nothing else refers to, and those that it goes on in.
func (c *checker) page(id uint64) ([]byte, error) {
	var header [headerSize]byte
	if id < firstPage || id >= c.pages {
		return nil, errPage
	}
	if _, err := c.file.ReadAt(header[:], int64(id)*c.pageSize); err != nil {
		return nil, err
	}
	more := number(header[12:])
	if binary.LittleEndian.Uint64(header[:]) != id || more >= c.pages-id {
		return nil, errPage
	}
	for i := id; i <= id+more; i++ {
		if c.seen[i] {
			return nil, errPage
		}
		c.seen[i] = true
	}
	data := make([]byte, int64(more+1)*c.pageSize)
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
	// The first key below may be the same.
	first := true
	return c.node(page, last, func(i item) error {
		if first && bytes.Compare(i.key, key) < 0 {
			return errPage
		}
		first = false
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

// bucket visits the items of a bucket that is an item itself: a tree of its
// own, or a page in the item if it is small.
func (c *checker) bucket(i item) error {
	visit := map[string]func(item) error{
		string(bucketFile):     c.fileItem,
		string(bucketSessions): c.session,
		string(bucketEnds):     c.listing,
	}[string(i.key)]
	if !i.isBucket || visit == nil || len(i.value) < headerSize {
		return errors.New("it has other contents")
	}
	c.buckets[string(i.key)] = true
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
	if i.isBucket || len(i.key) != len(sessions.Key{}) {
		return errRecord
	}
	key := sessions.Key(i.key)
	r, err := parseRecord(key, i.value)
	c.sessions.add(listing(key, r.listed))
	return err
}

func (c *checker) listing(i item) error {
	if _, _, err := parseListing(i.key); i.isBucket || err != nil {
		return errRecord
	}
	c.ends.add(i.key)
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
