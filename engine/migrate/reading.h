#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/migrate/folder.h"

// What the readers share while one folder is read: its files, and what was found wrong with them.
// Of this room alone; lives for one read_folder, on its thread.
namespace drydock::migrate {

struct Entry {
    std::string name;
    bool is_folder = false;  // itself, or what a symbolic link leads to
};

class Reading final {
  public:
    // Lists the folder; hidden names are left out. Throws as read_folder does.
    Reading(std::string path, const ReadOptions& options);

    [[nodiscard]] const ReadOptions& options() const noexcept { return options_; }
    [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }
    // The names in a folder of this one.
    [[nodiscard]] std::vector<Entry> entries_of(const std::string& name) const;

    // The file `name`, a path from the folder, read once; null when it cannot be taken, which is
    // told then.
    [[nodiscard]] std::shared_ptr<const SourceFile> load(const std::string& name);

    void problem(const SourceFile& file, std::size_t offset, std::string message, std::string hint);
    // Of a file as a whole, or of the folder when `name` is empty.
    void problem(std::string_view name, std::string message, std::string hint);
    void note(const SourceFile& file, std::size_t offset, std::string message, std::string hint);

    // Where readers put what they find.
    Folder folder;

    [[nodiscard]] bool was_told(const std::string& name) const { return told_.contains(name); }
    [[nodiscard]] bool has_problems() const noexcept { return !problems_.empty(); }
    [[nodiscard]] runbook::Diagnostics take_problems();

  private:
    [[nodiscard]] std::string shown(std::string_view name) const;
    [[nodiscard]] std::vector<Entry> frozen_in(const std::string& prefix) const;
    [[nodiscard]] std::string bytes(const std::string& name) const;
    [[nodiscard]] std::vector<Entry> list(const std::string& path) const;
    bool is_text(const SourceFile& file);

    const ReadOptions& options_;
    std::vector<Entry> entries_;
    std::map<std::string, std::shared_ptr<const SourceFile>, std::less<>> loaded_;
    runbook::Diagnostics problems_;
    std::set<std::string, std::less<>> told_;  // the files of which there are problems
};

}  // namespace drydock::migrate
