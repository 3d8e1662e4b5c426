using Cmsa.Dsl.Graphs;

namespace Cmsa.Benchmarks;

/// <summary>In which way a model is run.</summary>
public enum Backend
{
    /// <summary>Compiled as written.</summary>
    AsWritten,

    /// <summary>Compiled with the target's fused attention, and not rewritten otherwise.</summary>
    Fused,

    /// <summary>Compiled with every rule.</summary>
    Optimised,

    /// <summary>TorchSharp modules, written by hand.</summary>
    ByHand,
}

/// <summary>What of a model is run.</summary>
public enum Pass
{
    /// <summary>Inference.</summary>
    Forward,

    /// <summary>Forward and backward.</summary>
    Step,
}

/// <summary>What ways and passes are called, and how they are compiled.</summary>
public static class Backends
{
    extension(Backend way)
    {
        /// <summary>How far the model is rewritten; by hand attention is the library's too.</summary>
        public OptimizationLevel Effort =>
            way switch
            {
                Backend.Optimised => OptimizationLevel.All,
                Backend.AsWritten => OptimizationLevel.AsWritten,
                _ => OptimizationLevel.Fused,
            };

        /// <summary>In a few words.</summary>
        public string Label =>
            way switch
            {
                Backend.AsWritten => "as written",
                Backend.Fused => "fused attention",
                Backend.Optimised => "optimised",
                _ => "by hand, eager",
            };
    }

    extension(Pass pass)
    {
        /// <summary>In a few words.</summary>
        public string Label => pass == Pass.Forward ? "forward" : "training step";
    }
}
