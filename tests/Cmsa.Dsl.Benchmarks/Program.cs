using BenchmarkDotNet.Running;
using Cmsa.Dsl.Benchmarks;

// dotnet run -c Release --project tests/Cmsa.Dsl.Benchmarks -- --filter '*Attention*'
BenchmarkSwitcher.FromAssembly(typeof(Compared).Assembly).Run(args);
