#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "core/formats/mapped_file.h"
#include "core/formats/npy.h"

namespace isotherm {
namespace {

using namespace std::string_view_literals;
constexpr std::string_view kMagic = "\x93NUMPY"sv;
/// NumPy itself refuses more in files it does not trust.
constexpr std::size_t kMaxHeader = 1 << 20;
constexpr std::size_t kMaxRank = 64;

/// The header's dictionary.
struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
};

/// Reads the Python literal that NumPy writes: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : rest_(text) {}

  Result<Header> parse() {
    Header out;
    bool descr = false;
    bool order = false;
    bool shape = false;
    if (!take('{')) return expected("'{'");
    while (!take('}')) {
      ISO_ASSIGN(const std::string key, string());
      if (!take(':')) return expected("':'");
      if (key == "descr") {
        skip_space();
        if (rest_.starts_with('['))
          return unsupported("found an array of structures in its header where numbers or strings were expected");
        ISO_ASSIGN(out.descr, string());
        descr = true;
      } else if (key == "fortran_order") {
        if (take_word("True"))
          out.fortran_order = true;
        else if (!take_word("False"))
          return expected("True or False");
        order = true;
      } else if (key == "shape") {
        ISO_ASSIGN(out.shape, tuple());
        shape = true;
      } else {
        return expected("'descr', 'fortran_order' or 'shape'");
      }
      if (take(',')) continue;
      if (!take('}')) return expected("',' or '}'");
      break;
    }
    if (!descr || !order || !shape)
      return invalid_input("its header lacks one of 'descr', 'fortran_order' and 'shape'");
    return out;
  }

 private:
  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
  bool take(char c) {
    skip_space();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_word(std::string_view word) {
    skip_space();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  [[nodiscard]] Error expected(const std::string& what) const {
    std::string found(rest_.substr(0, 16));
    for (char& c : found)
      if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
    return invalid_input("its header has " + (found.empty() ? "an end" : "'" + found + "'") + " where " + what +
                         " was expected");
  }
  Result<std::string> string() {
    skip_space();
    if (!rest_.starts_with('\'') && !rest_.starts_with('"')) return expected("a quoted word");
    const std::size_t end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) return expected("a quoted word that ends");
    std::string out(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return out;
  }
  Result<std::vector<std::int64_t>> tuple() {
    std::vector<std::int64_t> out;
    if (!take('(')) return expected("'('");
    while (!take(')')) {
      skip_space();
      std::int64_t size = 0;
      const auto [stop, failed] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
      if (failed != std::errc() || size < 0) return expected("a dimension of 0 or more that fits 63 bits");
      rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
      if (rest_.starts_with('L')) rest_.remove_prefix(1);  // written by Python 2
      out.push_back(size);
      if (out.size() > kMaxRank)
        return invalid_input("its header has more than " + std::to_string(kMaxRank) + " dimensions");
      if (take(',')) continue;
      if (!take(')')) return expected("',' or ')'");
      break;
    }
    return out;
  }

  std::string_view rest_;
};

/// One element as the file holds it.
struct Element {
  DType dtype = DType::invalid;
  std::size_t size = 0;  ///< bytes in the file
  std::size_t part = 1;  ///< bytes that the byte order turns round: half a complex number, a character of `U`
  bool big_endian = false;
  bool unicode = false;
};

Result<Element> parse_descr(const std::string& descr) {
  const auto refuse = [&descr] {
    return unsupported("found the NumPy dtype '" + descr.substr(0, 40) +
                       "' where numbers, bools, 'S' or 'U' strings were expected");
  };
  std::string_view text = descr;
  Element out;
  if (!text.empty() && std::string_view("<>|=").find(text.front()) != std::string_view::npos) {
    out.big_endian = text.front() == '>';
    text.remove_prefix(1);
  }
  if (text.empty()) return refuse();
  const char kind = text.front();
  text.remove_prefix(1);
  const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), out.size);
  if (failed != std::errc() || stop != text.data() + text.size() || out.size > (std::size_t{1} << 31)) return refuse();
  struct Known {
    char kind;
    std::size_t size;
    DType dtype;
  };
  static constexpr Known kKnown[] = {{'f', 2, DType::float16},   {'f', 4, DType::float32},    {'f', 8, DType::float64},
                                     {'i', 1, DType::int8},      {'i', 2, DType::int16},      {'i', 4, DType::int32},
                                     {'i', 8, DType::int64},     {'u', 1, DType::uint8},      {'u', 2, DType::uint16},
                                     {'u', 4, DType::uint32},    {'u', 8, DType::uint64},     {'b', 1, DType::boolean},
                                     {'c', 8, DType::complex64}, {'c', 16, DType::complex128}};
  if (kind == 'S' || kind == 'a' || kind == 'U') {
    out.dtype = DType::string;
    out.unicode = kind == 'U';
    if (out.unicode) {
      out.size *= 4;
      out.part = 4;
    }
    return out;
  }
  const auto* known = std::find_if(std::begin(kKnown), std::end(kKnown),
                                   [&](const Known& k) { return k.kind == kind && k.size == out.size; });
  if (known == std::end(kKnown)) return refuse();
  out.dtype = known->dtype;
  out.part = kind == 'c' ? out.size / 2 : out.size;
  return out;
}

void append_utf8(std::string& out, std::uint32_t code) {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) code = 0xfffd;
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

std::string decode_string(const std::byte* at, const Element& element) {
  if (!element.unicode) {
    std::string out(reinterpret_cast<const char*>(at), element.size);
    out.resize(out.find_last_not_of('\0') + 1);
    return out;
  }
  std::string out;
  std::size_t length = element.size / 4;
  const auto code_at = [&](std::size_t i) {
    unsigned char b[4];
    std::memcpy(b, at + i * 4, 4);
    if (element.big_endian) std::reverse(b, b + 4);
    return static_cast<std::uint32_t>(b[0]) | static_cast<std::uint32_t>(b[1]) << 8 |
           static_cast<std::uint32_t>(b[2]) << 16 | static_cast<std::uint32_t>(b[3]) << 24;
  };
  while (length > 0 && code_at(length - 1) == 0) --length;
  for (std::size_t i = 0; i < length; ++i) append_utf8(out, code_at(i));
  return out;
}

/// Where row-major element after element lies in a file that counts the first dimension fastest.
class FortranWalk {
 public:
  explicit FortranWalk(const std::vector<std::int64_t>& shape)
      : shape_(shape), index_(shape.size(), 0), stride_(shape.size(), 1) {
    for (std::size_t d = 1; d < shape.size(); ++d) stride_[d] = stride_[d - 1] * shape[d - 1];
  }
  [[nodiscard]] std::size_t offset() const { return static_cast<std::size_t>(offset_); }
  void next() {
    for (std::size_t d = shape_.size(); d-- > 0;) {
      offset_ += stride_[d];
      if (++index_[d] < shape_[d]) return;
      offset_ -= stride_[d] * shape_[d];
      index_[d] = 0;
    }
  }

 private:
  const std::vector<std::int64_t>& shape_;
  std::vector<std::int64_t> index_;
  std::vector<std::int64_t> stride_;
  std::int64_t offset_ = 0;
};

Result<Tensor> read_elements(const std::shared_ptr<Buffer>& file, std::size_t begin, const Header& header,
                             const Element& element, std::int64_t count) {
  const std::byte* const data = file->data() + begin;
  const Shape shape(header.shape);
  if (count == 0) return Tensor::make(element.dtype, shape);
  const bool transposed = header.fortran_order && header.shape.size() > 1;
  if (element.dtype != DType::string && !transposed && (!element.big_endian || element.part == 1)) {
    if (element.dtype != DType::boolean) return Tensor(element.dtype, shape, file, begin);
  }
  FortranWalk walk(header.shape);
  const auto source = [&](std::int64_t i) {
    if (!transposed) return data + static_cast<std::size_t>(i) * element.size;
    const std::byte* at = data + walk.offset() * element.size;
    walk.next();
    return at;
  };
  if (element.dtype == DType::string) {
    std::vector<std::string> strings(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) strings[static_cast<std::size_t>(i)] = decode_string(source(i), element);
    return Tensor::strings(shape, std::move(strings));
  }
  ISO_ASSIGN(Tensor out, Tensor::make(element.dtype, shape));
  std::byte* to = out.raw();
  for (std::int64_t i = 0; i < count; ++i, to += element.size) {
    std::memcpy(to, source(i), element.size);
    if (element.big_endian)
      for (std::size_t p = 0; p < element.size; p += element.part) std::reverse(to + p, to + p + element.part);
    // Any other byte than 0 and 1 is no value of a C++ bool.
    if (element.dtype == DType::boolean) *to = std::byte{*to != std::byte{0}};
  }
  return out;
}

Result<Tensor> read(const std::shared_ptr<Buffer>& file) {
  const std::string_view text(reinterpret_cast<const char*>(file->data()), file->size());
  if (text.empty()) return invalid_input("the file is empty where a NumPy array (.npy) was expected");
  if (!text.starts_with(kMagic) || text.size() < 10) {
    if (text.starts_with("PK"))
      return invalid_input("found a zip archive (.npz?) where a NumPy array (.npy) was expected");
    return invalid_input("found bytes that do not begin as NumPy arrays (.npy) do");
  }
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(text[i])); };
  const std::size_t version = byte(6);
  if (version < 1 || version > 3)
    return unsupported("found format version " + std::to_string(version) + "." + std::to_string(byte(7)) +
                       " where 1.0 to 3.0 was expected");
  const std::size_t begin = version == 1 ? 10 : 12;
  if (text.size() < begin) return invalid_input("the file ends within its first 12 bytes");
  const std::size_t length =
      version == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  if (length > kMaxHeader)
    return invalid_input("found a header of " + std::to_string(length) + " bytes where at most " +
                         std::to_string(kMaxHeader) + " were expected");
  if (length > text.size() - begin)
    return invalid_input("found a header of " + std::to_string(length) + " bytes where " +
                         std::to_string(text.size() - begin) + " are left; the file is cut short");
  ISO_ASSIGN(const Header header, HeaderParser(text.substr(begin, length)).parse());
  ISO_ASSIGN(const Element element, parse_descr(header.descr));
  const auto count = Shape(header.shape).elements();
  if (!count) return invalid_input("found a shape of more elements than fit 63 bits");
  const std::size_t left = text.size() - begin - length;
  const std::string wanted = std::to_string(*count) + " elements of " + std::to_string(element.size) + " bytes (" +
                             header.descr + " " + Shape(header.shape).to_string() + ")";
  // Nothing but strings of no length takes no bytes; their number is bounded by nothing in the file.
  if (element.size == 0 && *count > (std::int64_t{1} << 24))
    return exhausted("found " + wanted + ", more than are read");
  if (element.size > 0 && (static_cast<std::uint64_t>(*count) > left / element.size ||
                           static_cast<std::uint64_t>(*count) * element.size != left))
    return invalid_input("found " + std::to_string(left) + " bytes of values where " + wanted + " were expected");
  return read_elements(file, begin + length, header, element, *count);
}

}  // namespace

Result<Tensor> read_npy(std::shared_ptr<Buffer> bytes, const std::string& name) {
  try {
    auto tensor = read(bytes);
    if (!tensor.ok()) return tensor.error().at(name);
    return tensor;
  } catch (const std::bad_alloc&) {
    return exhausted(name + ": no memory for the array");
  }
}

Result<Tensor> read_npy(const std::string& path) {
  ISO_ASSIGN(auto file, MappedFile::open(path));
  auto tensor = read_npy(std::shared_ptr<Buffer>(file), path);
  if (!file->intact()) return io_error(path + ": the file was cut short while it was read");
  return tensor;
}

}  // namespace isotherm
