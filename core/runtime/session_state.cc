#include "core/runtime/session_state.h"

namespace isotherm {

std::string SessionState::flat(const ResourceKey& key) {
  std::string text;
  text.reserve(key.kind.size() + key.container.size() + key.name.size() + 2);
  text.append(key.kind).push_back('\0');
  text.append(key.container).push_back('\0');
  text.append(key.name);
  return text;
}

std::shared_ptr<TensorObject> SessionState::find(const ResourceKey& key) const {
  const auto it = entries_.find(flat(key));
  return it == entries_.end() ? nullptr : it->second.object;
}

void SessionState::put(const ResourceKey& key, std::shared_ptr<TensorObject> object, Lifetime lifetime) {
  entries_.insert_or_assign(flat(key), Entry{std::move(object), lifetime});
  if (lifetime == Lifetime::run) has_run_entries_ = true;
}

bool SessionState::erase(const ResourceKey& key) { return entries_.erase(flat(key)) > 0; }

Result<std::shared_ptr<Variable>> SessionState::variable(std::string_view container, std::string_view name,
                                                         DType dtype) {
  ISO_ASSIGN(auto found,
             find_or_make<Variable>({"variable", container, name}, [&]() -> Result<std::shared_ptr<Variable>> {
               return std::make_shared<Variable>(std::string(name), dtype);
             }));
  if (found->dtype != dtype)
    return invalid_input(found->describe() + " holds " + std::string(dtype_name(found->dtype)) + ", found a use as " +
                         std::string(dtype_name(dtype)));
  return found;
}

void SessionState::end_run() {
  if (!has_run_entries_) return;
  std::erase_if(entries_, [](const auto& item) { return item.second.lifetime == Lifetime::run; });
  has_run_entries_ = false;
}

void SessionState::clear() {
  entries_.clear();
  has_run_entries_ = false;
}

}  // namespace isotherm
