#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::runbook {

// Where the Lua files with actions come from: those shipped in the program, the `actions:` folders
// of the settings, and for "./name" the folder of the runbook. Finds texts, does not read what is
// in them. Built once per command; reading is safe from several threads.
class ModuleLibrary final {
  public:
    struct Found {
        std::string path;  // "(shipped)" for embedded ones
        std::string text;
    };

    void add_shipped(std::string name, std::string text);
    // Every NAME.lua in `folder` is the module NAME. Shipped modules come first: a file cannot
    // change what `sqlite.vacuum` means.
    void add_folder(std::string folder);
    // A module of a run that was frozen, "./name" included: then nothing is read from disk.
    void add_frozen(std::string name, Found module);

    // The module `name`; "./name" is looked for in `beside` (a folder; empty: nowhere). nullopt
    // when there is none. Throws Error{File} when there is a file that cannot be read.
    [[nodiscard]] std::optional<Found> find(const std::string& name,
                                            const std::string& beside) const;
    // All that find() would find without `beside`, sorted.
    [[nodiscard]] std::vector<std::string> names() const;

  private:
    std::map<std::string, Found, std::less<>> given_;  // shipped and frozen
    std::vector<std::string> folders_;
};

// The bytes of a regular file of at most `limit_bytes`. Throws Error{File}.
[[nodiscard]] std::string read_whole_file(const std::string& path, std::size_t limit_bytes);

}  // namespace drydock::runbook
