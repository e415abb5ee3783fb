#include "engine/runbook/runbook.h"

#include <string_view>

namespace drydock::runbook {

const Action* Bundle::find_action(std::string_view full_name) const {
    const std::size_t dot = full_name.rfind('.');
    if (dot == std::string_view::npos) return nullptr;
    const auto module = modules.find(full_name.substr(0, dot));
    if (module == modules.end()) return nullptr;
    const auto action = module->second.actions.find(std::string(full_name.substr(dot + 1)));
    return action == module->second.actions.end() ? nullptr : &action->second;
}

}  // namespace drydock::runbook
