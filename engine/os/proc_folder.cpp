#include "engine/os/proc_folder.h"

#include <dirent.h>

#include <charconv>
#include <memory>
#include <string_view>

namespace drydock::os {
namespace {

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

}  // namespace

std::vector<int> numbers_in(const std::string& path) {
    std::vector<int> numbers;
    const std::unique_ptr<DIR, CloseFolder> folder(::opendir(path.c_str()));
    if (folder == nullptr) return numbers;
    while (const dirent* entry = ::readdir(folder.get())) {
        const std::string_view name(entry->d_name);
        int number = 0;
        const auto result = std::from_chars(name.data(), name.data() + name.size(), number);
        if (result.ec == std::errc() && result.ptr == name.data() + name.size()) {
            numbers.push_back(number);
        }
    }
    return numbers;
}

}  // namespace drydock::os
