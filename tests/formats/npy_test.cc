// Files are spelled out byte by byte as NumPy's format description says.
#include "core/formats/npy.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "core/graph/half.h"
#include "tests/formats/temporary_folder.h"

namespace isotherm {
namespace {

std::string npy(const std::string& header, const std::string& values, int version = 1) {
  std::string out = "\x93NUMPY";
  out += static_cast<char>(version);
  out += '\0';
  const std::size_t size = header.size();
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) out += static_cast<char>((size >> (8 * i)) & 0xff);
  return out + header + values;
}

Result<Tensor> parse(const std::string& file) {
  auto buffer = allocate_host(file.size());
  std::memcpy(buffer->data(), file.data(), file.size());
  return read_npy(buffer, "x.npy");
}

std::string error_of(const std::string& file) {
  const auto r = parse(file);
  return r.ok() ? "no error" : r.error().message;
}

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int v : values) out += static_cast<char>(v);
  return out;
}

TEST(Npy, ReadsByteOrdersAndFortranOrder) {
  const auto little =
      parse(npy("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2), }", bytes({1, 0, 2, 0, 3, 0, 4, 1})));
  ASSERT_TRUE(little.ok());
  EXPECT_EQ(little->dtype(), DType::int16);
  EXPECT_EQ(integer_at(*little, 3), 260);
  const auto big = parse(npy("{'descr': '>i4', 'fortran_order': False, 'shape': (1,), }\n", bytes({0, 0, 1, 2})));
  ASSERT_TRUE(big.ok());
  EXPECT_EQ(integer_at(*big, 0), 258);
  const auto fortran =
      parse(npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", bytes({1, 4, 2, 5, 3, 6}), 2));
  ASSERT_TRUE(fortran.ok());
  for (int i = 0; i < 6; ++i) EXPECT_EQ(integer_at(*fortran, i), i + 1);
  const auto complex =
      parse(npy("{'descr': '>c8', 'fortran_order': False, 'shape': (), }", bytes({0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0})));
  ASSERT_TRUE(complex.ok());
  float parts[2];
  std::memcpy(parts, complex->raw(), 8);
  EXPECT_EQ(parts[0], 1.0F);
  EXPECT_EQ(parts[1], -2.0F);
}

TEST(Npy, ReadsStrings) {
  const auto s = parse(npy("{'descr': '|S3', 'fortran_order': False, 'shape': (2,), }", std::string("a\0\0bcd", 6)));
  ASSERT_TRUE(s.ok());
  EXPECT_EQ(s->string_values(), (std::vector<std::string>{"a", "bcd"}));
  const auto u = parse(
      npy("{'descr': '<U2', 'fortran_order': False, 'shape': (1,), }", bytes({0xfc, 0, 0, 0, 0x00, 0xf6, 1, 0}), 3));
  ASSERT_TRUE(u.ok());
  EXPECT_EQ(u->string_values()[0], "\u00fc\U0001f600");
}

TEST(Npy, RefusesWithASentence) {
  EXPECT_EQ(error_of(""), "x.npy: the file is empty where a NumPy array (.npy) was expected");
  EXPECT_EQ(error_of("hello, world"), "x.npy: found bytes that do not begin as NumPy arrays (.npy) do");
  EXPECT_EQ(error_of(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", "1234")),
            "x.npy: found 4 bytes of values where 6 elements of 4 bytes (<f4 2x3) were expected");
  EXPECT_EQ(error_of(npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "x")),
            "x.npy: found the NumPy dtype '|O' where numbers, bools, 'S' or 'U' strings were expected");
  EXPECT_EQ(error_of(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "")),
            "x.npy: its header has '-1,), }' where a dimension of 0 or more that fits 63 bits was expected");
  EXPECT_EQ(error_of(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", "")),
            "x.npy: found a shape of more elements than fit 63 bits");
  EXPECT_EQ(error_of(npy("{'descr': '|S0', 'fortran_order': False, 'shape': (99999999999,), }", "")).substr(0, 14),
            "x.npy: found 9");
  EXPECT_EQ(error_of(npy("", "", 9)), "x.npy: found format version 9.0 where 1.0 to 3.0 was expected");
  EXPECT_EQ(error_of(npy(std::string(70000, ' '), "", 2).substr(0, 100)),
            "x.npy: found a header of 70000 bytes where 88 are left; the file is cut short");
}

TEST(Npy, WritesWhatNumPyWrites) {
  const TemporaryFolder folder;
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  ASSERT_TRUE(write_npy(folder / "a.npy", Tensor::from<float>(Shape{2, 3}, values)).ok());
  // numpy.save of the same array.
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  header.resize(117, ' ');
  header += '\n';
  EXPECT_EQ(read_text(folder / "a.npy"), npy(header, std::string(reinterpret_cast<const char*>(values.data()), 24)));
}

TEST(Npy, RoundTripsAllDtypes) {
  const TemporaryFolder folder;
  const auto again = [&](const Tensor& tensor) {
    EXPECT_TRUE(write_npy(folder / "x.npy", tensor).ok());
    auto r = read_npy(folder / "x.npy");
    EXPECT_TRUE(r.ok()) << r.error().message;
    return r.ok() ? *r : Tensor();
  };
  for (const DType dtype : {DType::float16, DType::float32, DType::float64, DType::int8, DType::int16, DType::int32,
                            DType::int64, DType::uint8, DType::uint16, DType::uint32, DType::uint64, DType::boolean,
                            DType::complex64, DType::complex128}) {
    Tensor tensor = *Tensor::make(dtype, Shape{3, 1, 2});
    for (std::size_t i = 0; i < tensor.byte_size(); ++i)
      tensor.raw()[i] = static_cast<std::byte>(dtype == DType::boolean ? i % 2 : i);
    const Tensor back = again(tensor);
    EXPECT_EQ(back.dtype(), dtype);
    EXPECT_EQ(back.shape(), tensor.shape());
    EXPECT_EQ(std::memcmp(back.raw(), tensor.raw(), tensor.byte_size()), 0) << dtype_name(dtype);
  }
  EXPECT_EQ(again(Tensor::strings(Shape{2}, {"", "abc"})).string_values(), (std::vector<std::string>{"", "abc"}));
  EXPECT_EQ(again(Tensor::strings(Shape{}, {"one"})).shape(), Shape());
  EXPECT_EQ(again(*Tensor::make(DType::int64, Shape{0, 4})).shape(), (Shape{0, 4}));
  const std::vector<BFloat16> b = {to_bfloat16(1.5F), to_bfloat16(-3.0F)};
  const Tensor as_float = again(Tensor::vector(b));
  EXPECT_EQ(as_float.dtype(), DType::float32);
  EXPECT_EQ(number_at(as_float, 1), -3.0);
  EXPECT_FALSE(write_npy(folder / "r.npy", Tensor::object(DType::resource, nullptr)).ok());
}

}  // namespace
}  // namespace isotherm
