package com.mycompany;

import org.apache.storm.Config;
import org.apache.storm.StormSubmitter;

/** A main whose own settings Storm's client does not take. */
public class WrongSetting {
    public static void main(String[] args) throws Exception {
        Config config = new Config();
        config.put(Config.TOPOLOGY_WORKERS, "many");
        StormSubmitter.submitTopology(args[0], config, MyTopology.idle().createTopology());
    }
}
