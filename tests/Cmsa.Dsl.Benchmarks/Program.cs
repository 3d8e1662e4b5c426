using BenchmarkDotNet.Running;
using Cmsa.Dsl.Benchmarks;

// dotnet run -c Release --project tests/Cmsa.Dsl.Benchmarks -- --filter '*Forward*'
BenchmarkSwitcher.FromAssembly(typeof(PaperBenchmarks).Assembly).Run(args);
