using Cmsa.Benchmarks;
using Cmsa.Dsl.Programs;
using Cmsa.Models;

namespace Cmsa.Dsl.Benchmarks;

/// <summary>One level's attention with word pooling.</summary>
public class AttentionComparison() : Compared(Subject.Attention(new(16, 16, Words: 12, Width: 64, Channels: 512)), Way.AsWritten, Way.Fused, Way.Optimised);

/// <summary>A small model of the paper as a whole.</summary>
public class PaperComparison() : Compared(
    Subject.Paper(new(ResNet.Of18 with { Width = 16, OutputStride = 8 }, Image: 96, Words: 12, Vocabulary: 64, Word: 48, Attention: 32, Fused: 48, FixedBackbone: false)),
    Way.ByHand, Way.AsWritten, Way.Fused, Way.Optimised);

/// <summary>A backbone.</summary>
public class BackboneComparison() : Compared(Subject.Backbone(ResNet.Of50 with { Manner = Manner.Caffe }, Extent.Image(160, 160)), Way.ByHand, Way.AsWritten, Way.Optimised);
