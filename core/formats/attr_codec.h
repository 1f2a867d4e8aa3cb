// Attribute values between TensorFlow's messages and ours.
#pragma once

#include "core/formats/tensor_codec.h"
#include "core/graph/attr.h"

namespace isotherm {

/// An AttrValue. What this program does not know (a kind from later versions, a tensor without numbers or strings)
/// becomes an UnknownAttr with its bytes. `depth` counts the functions around it.
Result<AttrValue> decode_attr(std::string_view message, const ByteSource& source, int depth = 0);
/// Views the values of constants.
wire::Writer encode_attr(const AttrValue& value);

/// Gathers the entries of a map<string, AttrValue>, which files hold in any order.
class AttrCollector {
 public:
  /// `entry` is the message of one map entry. An error names the attribute.
  Status add(std::string_view entry, const ByteSource& source, int depth = 0);
  /// The map; of a key given twice the last value counts.
  AttrMap take();

 private:
  std::vector<AttrMap::Entry> entries_;
};
/// Writes the entries as field `number` of `out`, ordered by name.
void encode_attr_map(wire::Writer& out, std::uint32_t number, const AttrMap& attrs);

TypeValue type_from_number(std::int32_t number);

/// The string of `field`; an error if it is none, or no UTF-8 (`name` says what it is).
Result<std::string> decode_text(const wire::Field& field, const ByteSource& source, std::string_view name);

}  // namespace isotherm
