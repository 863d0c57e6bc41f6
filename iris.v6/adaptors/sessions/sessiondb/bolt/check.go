package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// checker reads the pages of a file before bbolt does. bbolt trusts its file: at a
// damaged page it ends the process, or never returns. The file is a tree of pages for
// each bucket, and a tree of the buckets. Its numbers are little-endian.
type checker struct {
	file     io.ReaderAt
	pageSize int64
	seen     []bool // by page in use: something refers to it
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

var errPage = errors.New("a page of it is damaged")

// check reads all pages of a file of that size. meta is the number of the meta page
// that bbolt uses, after it has checked the sum of that page.
func check(file io.ReaderAt, size, pageSize, meta int64) error {
	var m [headerSize + 64]byte
	if _, err := file.ReadAt(m[:], meta*pageSize); err != nil {
		return err
	}
	root, freelist, pages := u64(m[headerSize+16:]), u64(m[headerSize+32:]), u64(m[headerSize+40:])
	if pages > uint64(size/pageSize) {
		return fmt.Errorf("it has %d bytes of %d pages", size, pages)
	}
	c := &checker{file, pageSize, make([]bool, pages)}
	if err := c.tree(root, c.bucket); err != nil {
		return err
	}
	return c.freelist(freelist)
}

// page reads a page and its overflow pages, to which nothing else may refer.
func (c *checker) page(id uint64) ([]byte, error) {
	var header [headerSize]byte
	pages := uint64(len(c.seen))
	if id < firstPage || id >= pages {
		return nil, errPage
	}
	if _, err := c.file.ReadAt(header[:], int64(id)*c.pageSize); err != nil {
		return nil, err
	}
	overflow := u32(header[12:])
	if u64(header[:]) != id || overflow >= pages-id {
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

// tree checks the tree with that root. entry checks what is special in its entries.
func (c *checker) tree(root uint64, entry func(flags uint64, value []byte) error) error {
	data, err := c.page(root)
	if err != nil {
		return err
	}
	var last []byte
	return c.node(data, nil, &last, entry)
}

// node checks what is below a page. All keys are greater than last, and none is less
// than first.
func (c *checker) node(page, first []byte, last *[]byte, entry func(uint64, []byte) error) error {
	flags, count := u16(page[8:]), int(u16(page[10:]))
	if len(page) < headerSize*(count+1) || flags != leafPage && (flags != branchPage || count == 0) {
		return errPage
	}
	for i := range count {
		element := page[headerSize*(i+1):]
		at, keySize, valueSize := u32(element), u32(element[4:]), uint64(0)
		if flags == leafPage {
			at, keySize, valueSize = u32(element[4:]), u32(element[8:]), u32(element[12:])
		}
		if at+keySize+valueSize > uint64(len(element)) {
			return errPage
		}
		key, value := element[at:at+keySize], element[at+keySize:at+keySize+valueSize]
		if bytes.Compare(key, first) < 0 || *last != nil && bytes.Compare(key, *last) <= 0 {
			return errPage
		}
		if flags == leafPage {
			*last = key
			if err := entry(u32(element), value); err != nil {
				return err
			}
			continue
		}
		child, err := c.page(u64(element[8:]))
		if err == nil {
			err = c.node(child, key, last, entry)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bucket checks the entry of a bucket: a tree of its own or, if it is small, a page
// within the entry.
func (c *checker) bucket(flags uint64, value []byte) error {
	if flags != bucketFlag || len(value) < headerSize {
		return errors.New("it has other contents")
	}
	if root := u64(value); root != 0 {
		return c.tree(root, plain)
	}
	page := value[headerSize:]
	if len(page) < headerSize || u16(page[8:]) != leafPage {
		return errPage
	}
	var last []byte
	return c.node(page, nil, &last, plain)
}

// plain checks an entry that is no bucket.
func plain(flags uint64, _ []byte) error {
	if flags != 0 {
		return errPage
	}
	return nil
}

// freelist checks the list of the pages that are free to use.
func (c *checker) freelist(id uint64) error {
	page, err := c.page(id)
	if err != nil {
		return err
	}
	count, ids := u16(page[10:]), page[headerSize:]
	if u16(page[8:]) != freePage {
		return errPage
	}
	if count == countBeyond {
		count, ids = u64(ids), ids[8:]
	}
	if count > uint64(len(ids)/8) {
		return errPage
	}
	for ; count > 0; count, ids = count-1, ids[8:] {
		free := u64(ids)
		if free < firstPage || free >= uint64(len(c.seen)) || c.seen[free] {
			return errPage
		}
		c.seen[free] = true
	}
	return nil
}

func u16(data []byte) uint64 { return uint64(binary.LittleEndian.Uint16(data)) }
func u32(data []byte) uint64 { return uint64(binary.LittleEndian.Uint32(data)) }
func u64(data []byte) uint64 { return binary.LittleEndian.Uint64(data) }
