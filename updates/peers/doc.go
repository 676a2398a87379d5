// Package peers compares our differ and packer with the programs that others
// use, on what public registries offer by name:
//
//	go test ./updates/peers -run '^$' -bench Peers -benchtime 1x -timeout 4h
//	go test ./updates/peers -run '^$' -bench Firefox -benchtime 1x -timeout 4h
//
// Peers takes pairs of files, one differ after the other. SLIPWAY_BENCH_PAIRS=name,name
// chooses pairs, SLIPWAY_BENCH_PEERS=bsdiff,zstd chooses peers ("none" for ours
// alone).
//
// Firefox measures what a whole package costs, on a real product of two versions
// from Debian: the complete and the partial, ours against bsdiff 4.3 and xz as
// Mozilla's scripts call it. SLIPWAY_BENCH_FIREFOX="thunderbird OLD NEW" chooses
// another package and its versions, SLIPWAY_BENCH_LARGEST=20 leaves out files above
// 20 MB (bsdiff takes minutes for the largest).
//
// SLIPWAY_BENCH_CACHE names the directory that keeps the downloads.
package peers
