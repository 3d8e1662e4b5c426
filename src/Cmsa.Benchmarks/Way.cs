using Cmsa.Dsl.Rewriting;

namespace Cmsa.Benchmarks;

/// <summary>In which way a model is run.</summary>
public enum Way
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
public static class Ways
{
    extension(Way way)
    {
        /// <summary>How far the model is rewritten; by hand attention is the library's too.</summary>
        public Effort Effort => way switch { Way.Optimised => Effort.All, Way.AsWritten => Effort.AsWritten, _ => Effort.Fused };

        /// <summary>In a few words.</summary>
        public string Label => way switch { Way.AsWritten => "as written", Way.Fused => "fused attention", Way.Optimised => "optimised", _ => "by hand, eager" };
    }

    extension(Pass pass)
    {
        /// <summary>In a few words.</summary>
        public string Label => pass == Pass.Forward ? "forward" : "training step";
    }
}
