// Whether attributes mean the same: tensors by their elements, however a file wrote them.
#pragma once

#include <cstdint>

#include "core/graph/attr.h"

namespace isotherm::passes {

/// Equal types, shapes and bits of all elements.
bool same_constant(const Constant& a, const Constant& b);
bool same_attr(const AttrValue& a, const AttrValue& b);
bool same_attrs(const AttrMap& a, const AttrMap& b);

/// Equal for attributes that are the same. Of a tensor only a few elements count, so that weights cost nothing.
std::uint64_t attrs_hash(const AttrMap& attrs);

/// Mixes `value` into `hash`; the order of calls counts.
std::uint64_t mix_hash(std::uint64_t hash, std::uint64_t value);

}  // namespace isotherm::passes
