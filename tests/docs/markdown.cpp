#include "docs/markdown.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace drydock::docs {
namespace {

namespace fs = std::filesystem;

Block open_block(std::string_view info, std::size_t line) {
    Block block{.language = {}, .file = {}, .lines = {}, .line = line};
    std::istringstream words{std::string(info)};
    words >> block.language;
    for (std::string word; words >> word;) {
        if (word.starts_with("file=")) block.file = word.substr(5);
    }
    return block;
}

void take_links(const std::string& line, std::vector<std::string>& links) {
    for (std::size_t at = line.find("]("); at != std::string::npos; at = line.find("](", at + 1)) {
        std::string link = line.substr(at + 2, line.find(')', at) - at - 2);
        link = link.substr(0, link.find('#'));
        if (!link.empty() && link.find("://") == std::string::npos) links.push_back(link);
    }
}

}  // namespace

std::string Block::text() const {
    std::string text;
    for (const std::string& one : lines) text += one + "\n";
    return text;
}

Document read_document(const fs::path& path) {
    Document document{.path = path, .blocks = {}, .links = {}};
    std::ifstream file(path);
    bool inside = false;
    std::size_t number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (line.starts_with("```")) {
            if (!inside)
                document.blocks.push_back(open_block(std::string_view(line).substr(3), number));
            inside = !inside;
        } else if (inside) {
            document.blocks.back().lines.push_back(line);
        } else {
            take_links(line, document.links);
        }
    }
    if (inside) throw std::runtime_error(path.string() + ": a block is not closed");
    return document;
}

std::vector<fs::path> all_documents() {
    const fs::path project = DRYDOCK_SOURCE;
    std::vector<fs::path> all{project / "README.md"};
    for (const char* folder : {"docs", "examples"}) {
        for (const auto& entry : fs::recursive_directory_iterator(project / folder)) {
            if (entry.path().extension() == ".md") all.push_back(entry.path());
        }
    }
    std::ranges::sort(all);
    return all;
}

std::string read_text(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void write_text(const fs::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace drydock::docs
