class Jq < Formula
  desc "x"
  license "MIT"
end
