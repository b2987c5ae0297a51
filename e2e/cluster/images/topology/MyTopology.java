package com.mycompany;

import org.apache.storm.Config;
import org.apache.storm.StormSubmitter;
import org.apache.storm.topology.TopologyBuilder;

/** What the guide's second example runs: one spout that does next to nothing. */
public class MyTopology {
    static TopologyBuilder idle() {
        TopologyBuilder builder = new TopologyBuilder();
        builder.setSpout("idle", new IdleSpout(), 1);
        return builder;
    }

    static void submit(String name) throws Exception {
        StormSubmitter.submitTopology(name, new Config(), idle().createTopology());
    }

    public static void main(String[] args) throws Exception {
        submit(args[0]);
    }
}
