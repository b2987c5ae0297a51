package com.mycompany;

import org.apache.storm.Config;
import org.apache.storm.StormSubmitter;

/** Keeps its second argument in the settings of its topology. With a third one, it fails with it. */
public class KeepsArgument {
    public static void main(String[] args) throws Exception {
        if (args.length > 2) {
            throw new IllegalStateException("no user for " + args[1]);
        }
        Config config = new Config();
        config.put("main.password", args[1]);
        StormSubmitter.submitTopology(args[0], config, MyTopology.idle().createTopology());
    }
}
