#include "core/ops/op_def.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <limits>
#include <memory>
#include <unordered_map>

#include "core/ops/op_table.h"

namespace isotherm {
namespace {

/// Cuts `text` at every `separator` and hands the pieces to `take`; nothing for an empty text.
template <class F>
void for_each_piece(std::string_view text, char separator, F take) {
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    take(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      unsigned value = 0;
      std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::int64_t integer(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

float real(std::string_view text) {
  if (text == "inf") return std::numeric_limits<float>::infinity();
  if (text == "-inf") return -std::numeric_limits<float>::infinity();
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return static_cast<float>(value);
}

Shape shape(std::string_view text) {
  const auto parsed = parse_shape(text);
  return parsed.ok() ? *parsed : Shape::unknown_rank();
}

Constant constant(std::string_view text) {
  const std::size_t slash = text.find('/');
  return {dtype_from_name(text.substr(0, slash)).value_or(DType::invalid), shape(text.substr(slash + 1)), Tensor()};
}

ArgDef parse_arg(std::string_view text) {
  ArgDef arg;
  if (text.ends_with('&')) {
    arg.is_ref = true;
    text.remove_suffix(1);
  }
  const std::size_t colon = text.find(':');
  arg.name = text.substr(0, colon);
  text.remove_prefix(colon + 1);
  if (const std::size_t star = text.find('*'); star != std::string_view::npos) {
    arg.number_attr = text.substr(0, star);
    text.remove_prefix(star + 1);
  }
  if (text.starts_with('$'))
    arg.type_attr = text.substr(1);
  else if (text.starts_with('@'))
    arg.type_list_attr = text.substr(1);
  else
    arg.type = dtype_from_name(text).value_or(DType::invalid);
  return arg;
}

AttrValue parse_list(std::string_view kind, std::string_view text) {
  AttrList list;
  text = text.substr(1, text.size() - 2);
  for_each_piece(text, ',', [&](std::string_view item) {
    if (kind == "int")
      list.i.push_back(integer(item));
    else if (kind == "float")
      list.f.push_back(real(item));
    else if (kind == "bool")
      list.b.push_back(item == "true");
    else if (kind == "string")
      list.s.push_back(percent_decoded(item));
    else if (kind == "type")
      list.type.emplace_back(dtype_from_name(item).value_or(DType::invalid));
    else if (kind == "shape")
      list.shape.push_back(shape(item));
    else if (kind == "tensor")
      list.tensor.push_back(constant(item));
    else if (kind == "func")
      list.func.push_back({percent_decoded(item), nullptr});
  });
  // A list that ends in an empty string ends in a comma.
  if (kind == "string" && text.ends_with(',')) list.s.emplace_back();
  return make_list_attr(std::move(list));
}

AttrValue parse_value(std::string_view kind, std::string_view text) {
  if (kind == "int") return integer(text);
  if (kind == "float") return real(text);
  if (kind == "bool") return text == "true";
  if (kind == "string") return percent_decoded(text);
  if (kind == "type") return TypeValue(dtype_from_name(text).value_or(DType::invalid));
  if (kind == "shape") return shape(text);
  if (kind == "tensor") return make_constant_attr(constant(text));
  return FunctionRef{percent_decoded(text), nullptr};
}

AttrDef parse_attr(std::string_view text, std::span<const std::string_view> lines) {
  AttrDef attr;
  const std::size_t colon = text.find(':');
  attr.name = text.substr(0, colon);
  text.remove_prefix(colon + 1);
  const std::size_t kind_end = std::min(text.find_first_of(">{="), text.size());
  std::string_view kind = text.substr(0, kind_end);
  text.remove_prefix(kind_end);
  const bool is_list = kind.ends_with("[]");
  if (is_list) kind.remove_suffix(2);
  attr.type = is_list ? "list(" + std::string(kind) + ")" : std::string(kind);
  if (text.starts_with(">=")) {
    const std::size_t end = std::min(text.find_first_of("{=", 2), text.size());
    attr.minimum = integer(text.substr(2, end - 2));
    text.remove_prefix(end);
  }
  if (text.starts_with('{')) {
    const std::size_t end = text.find('}');
    std::string_view set = text.substr(1, end - 1);
    if (set.starts_with('!')) {
      const std::string_view line = lines[static_cast<std::size_t>(integer(set.substr(1)))];
      set = line.substr(line.find('\t') + 1);
    }
    for_each_piece(set, ',', [&](std::string_view item) {
      if (kind == "type")
        attr.allowed_types.push_back(dtype_from_name(item).value_or(DType::invalid));
      else
        attr.allowed_strings.push_back(percent_decoded(item));
    });
    text.remove_prefix(end + 1);
  }
  if (text.starts_with('=')) {
    text.remove_prefix(1);
    attr.fallback = is_list ? parse_list(kind, text) : parse_value(kind, text);
  }
  return attr;
}

std::unique_ptr<const OpDef> parse_op(std::string_view line, std::span<const std::string_view> lines) {
  auto op = std::make_unique<OpDef>();
  std::string_view fields[5];
  for (std::string_view& field : fields) {
    const std::size_t tab = std::min(line.find('\t'), line.size());
    field = line.substr(0, tab);
    line.remove_prefix(std::min(tab + 1, line.size()));
  }
  op->name = fields[0];
  op->is_stateful = fields[1].find('s') != std::string_view::npos;
  op->is_commutative = fields[1].find('c') != std::string_view::npos;
  for_each_piece(fields[2], ' ', [&](std::string_view item) { op->inputs.push_back(parse_arg(item)); });
  for_each_piece(fields[3], ' ', [&](std::string_view item) { op->outputs.push_back(parse_arg(item)); });
  for_each_piece(fields[4], ' ', [&](std::string_view item) { op->attrs.push_back(parse_attr(item, lines)); });
  return op;
}

/// Lines by op; a line is parsed when its op is first asked for.
class OpTable {
 public:
  OpTable() : lines_(op_table_lines()) {
    while (first_ < lines_.size() && lines_[first_].starts_with('!')) ++first_;
    parsed_ = std::make_unique<std::atomic<const OpDef*>[]>(lines_.size() - first_);
    index_.reserve(lines_.size());
    for (std::size_t i = first_; i < lines_.size(); ++i) index_.emplace(lines_[i].substr(0, lines_[i].find('\t')), i);
  }

  const OpDef* find(std::string_view name) {
    const auto it = index_.find(name);
    if (it == index_.end()) return nullptr;
    std::atomic<const OpDef*>& slot = parsed_[it->second - first_];
    if (const OpDef* op = slot.load(std::memory_order_acquire)) return op;
    auto made = parse_op(lines_[it->second], lines_);
    const OpDef* expected = nullptr;
    // Two threads may parse the same line at once; the first to store wins.
    if (slot.compare_exchange_strong(expected, made.get(), std::memory_order_acq_rel)) return made.release();
    return expected;
  }
  [[nodiscard]] std::size_t size() const { return lines_.size() - first_; }

 private:
  std::span<const std::string_view> lines_;
  std::size_t first_ = 0;
  std::unique_ptr<std::atomic<const OpDef*>[]> parsed_;
  std::unordered_map<std::string_view, std::size_t> index_;
};

OpTable& table() {
  // Never destroyed: definitions live as long as the program, also while other statics end.
  static auto* const ops = new OpTable;
  return *ops;
}

}  // namespace

const AttrDef* OpDef::attr(std::string_view attr_name) const {
  const auto it = std::find_if(attrs.begin(), attrs.end(), [&](const AttrDef& a) { return a.name == attr_name; });
  return it == attrs.end() ? nullptr : &*it;
}

const OpDef* find_op(std::string_view name) { return table().find(name); }
std::size_t op_count() { return table().size(); }

}  // namespace isotherm
