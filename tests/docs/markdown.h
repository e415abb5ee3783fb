#pragma once

#include <filesystem>
#include <string>
#include <vector>

// What the tests of the documents read of a document: its fenced blocks and its links.
namespace drydock::docs {

// ```yaml file=window.yaml     language "yaml", file "window.yaml"
struct Block {
    std::string language;
    std::string file;  // where the reader is to put it; empty: nowhere
    std::vector<std::string> lines;
    std::size_t line = 0;  // of the opening fence, from 1

    [[nodiscard]] std::string text() const;
};

struct Document {
    std::filesystem::path path;
    std::vector<Block> blocks;
    std::vector<std::string> links;  // relative ones, without what follows a #
};

[[nodiscard]] Document read_document(const std::filesystem::path& path);
// README.md, docs/*.md, docs/decisions/*.md and examples/*/README.md, sorted.
[[nodiscard]] std::vector<std::filesystem::path> all_documents();

[[nodiscard]] std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, const std::string& text);

}  // namespace drydock::docs
